resource "alicloud_vpc" "this" {
  vpc_name    = "renamed"
  cidr_block  = "10.0.0.0/8"
  description = "another description"
}

resource "alicloud_vswitch" "this" {
  vpc_id       = alicloud_vpc.this.id
  zone_id      = "cn-beijing-h"
  cidr_block   = "10.0.1.0/24"
  vswitch_name = "renamed"
  description  = "a vSwitch"
}
