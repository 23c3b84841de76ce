resource "alicloud_vpc" "this" {
  vpc_name = "route-table"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "172.16.1.0/24"
}

resource "alicloud_route_table" "this" {
  vpc_id                   = alicloud_vpc.this.id
  route_table_name         = "renamed"
  description              = "for no vSwitch"
  associate_type           = "VSwitch"
  route_propagation_enable = false
}
