resource "alicloud_vpc" "this" {
  vpc_name   = "nat-intranet"
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.20.1.0/24"
}

resource "alicloud_nat_gateway" "this" {
  vpc_id       = alicloud_vpc.this.id
  vswitch_id   = alicloud_vswitch.this.id
  nat_type     = "Enhanced"
  network_type = "intranet"
}
