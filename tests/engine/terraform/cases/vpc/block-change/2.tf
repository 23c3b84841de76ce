resource "alicloud_vpc" "this" {
  vpc_name   = "block-change"
  cidr_block = "10.0.0.0/12"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.0.1.0/24"
}
