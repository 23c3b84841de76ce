resource "alicloud_vpc" "this" {
  vpc_name    = "ipv6-later"
  cidr_block  = "10.0.0.0/8"
  enable_ipv6 = true
}

resource "alicloud_vswitch" "this" {
  vpc_id               = alicloud_vpc.this.id
  zone_id              = "cn-beijing-h"
  cidr_block           = "10.0.1.0/24"
  enable_ipv6          = true
  ipv6_cidr_block_mask = 8
}
