resource "alicloud_vpc" "this" {
  vpc_name                                    = "system-route-table"
  system_route_table_name                     = "routes"
  system_route_table_description              = "of the system"
  system_route_table_route_propagation_enable = false
}
