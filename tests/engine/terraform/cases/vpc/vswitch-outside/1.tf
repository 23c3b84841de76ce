resource "alicloud_vpc" "this" {
  vpc_name   = "vswitch-outside"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "172.16.1.0/24"
}
