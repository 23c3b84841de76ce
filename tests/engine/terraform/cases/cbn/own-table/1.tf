resource "alicloud_cen_instance" "this" {
  cen_instance_name = "own-table"
}

resource "alicloud_cen_transit_router" "this" {
  cen_id = alicloud_cen_instance.this.id
}

resource "alicloud_cen_transit_router_route_table" "this" {
  transit_router_id                      = alicloud_cen_transit_router.this.transit_router_id
  transit_router_route_table_name        = "first"
  transit_router_route_table_description = "own routes"

  lifecycle {
    postcondition {
      condition     = self.transit_router_route_table_type == "Custom"
      error_message = "The table is not a custom one."
    }
  }
}

resource "alicloud_cen_transit_router_route_entry" "this" {
  transit_router_route_table_id                     = alicloud_cen_transit_router_route_table.this.transit_router_route_table_id
  transit_router_route_entry_destination_cidr_block = "10.9.0.0/24"
  transit_router_route_entry_next_hop_type          = "BlackHole"
  transit_router_route_entry_name                   = "first"
}
