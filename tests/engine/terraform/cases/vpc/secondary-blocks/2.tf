resource "alicloud_vpc" "this" {
  vpc_name              = "secondary-blocks"
  cidr_block            = "172.16.0.0/16"
  secondary_cidr_blocks = ["192.168.0.0/16"]
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "192.168.1.0/24"
}
