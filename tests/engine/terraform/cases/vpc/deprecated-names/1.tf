resource "alicloud_vpc" "this" {
  name       = "deprecated-names"
  cidr_block = "192.168.0.0/16"
}

resource "alicloud_vswitch" "this" {
  name              = "deprecated-names"
  vpc_id            = alicloud_vpc.this.id
  availability_zone = "cn-beijing-k"
  cidr_block        = cidrsubnet(alicloud_vpc.this.cidr_block, 4, 2)
}
