resource "alicloud_vpc" "this" {
  vpc_name   = "secondary-block-resource"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vpc_ipv4_cidr_block" "this" {
  vpc_id               = alicloud_vpc.this.id
  secondary_cidr_block = "192.168.0.0/16"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc_ipv4_cidr_block.this.vpc_id
  zone_id    = "cn-beijing-h"
  cidr_block = "192.168.1.0/24"
}
