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

resource "alicloud_route_entry" "this" {
  route_table_id        = alicloud_vpc.this.route_table_id
  destination_cidrblock = "172.17.0.0/16"
  nexthop_type          = "HaVip"
  nexthop_id            = alicloud_havip.this.id
  name                  = "old"
  description           = "by the old resource"
}

resource "alicloud_vpc_route_entry" "this" {
  route_table_id         = alicloud_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  nexthop_type           = "HaVip"
  nexthop_id             = alicloud_havip.this.id
  route_entry_name       = "new"
  description            = "by the new resource"
}

data "alicloud_route_entries" "this" {
  route_table_id = alicloud_route_entry.this.route_table_id
  type           = "Custom"

  lifecycle {
    postcondition {
      condition     = self.entries[*].cidr_block == tolist(["172.17.0.0/16"])
      error_message = "the route is not listed"
    }
  }
}
