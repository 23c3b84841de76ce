resource "alicloud_vpc" "this" {
  vpc_name                                    = "system-route-table"
  system_route_table_name                     = "renamed"
  system_route_table_description              = "of the VPC"
  system_route_table_route_propagation_enable = true
}
