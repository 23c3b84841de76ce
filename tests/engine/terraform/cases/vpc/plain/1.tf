resource "alicloud_vpc" "this" {
  vpc_name    = "plain"
  cidr_block  = "10.0.0.0/8"
  description = "a network"
}

resource "alicloud_vswitch" "this" {
  vpc_id       = alicloud_vpc.this.id
  zone_id      = "cn-beijing-h"
  cidr_block   = "10.0.1.0/24"
  vswitch_name = "plain"
}
