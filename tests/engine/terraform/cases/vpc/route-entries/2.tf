resource "alicloud_vpc" "this" {
  vpc_name = "route-entries"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "172.16.1.0/24"
}

resource "alicloud_havip" "this" {
  vswitch_id  = alicloud_vswitch.this.id
  description = "the next hop"
}

resource "alicloud_route_table" "this" {
  vpc_id           = alicloud_vpc.this.id
  route_table_name = "route-entries"
}

resource "alicloud_vpc_route_entry" "this" {
  route_table_id         = alicloud_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  nexthop_type           = "HaVip"
  nexthop_id             = alicloud_havip.this.id
  route_entry_name       = "renamed"
  description            = "changed in place"
}
