resource "alicloud_vpc" "this" {
  vpc_name   = "vswitch-in-no-zone"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-z"
  cidr_block = "10.0.1.0/24"
}
