resource "alicloud_vpc" "this" {
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "plain"
  vpc_id              = alicloud_vpc.this.id
}
