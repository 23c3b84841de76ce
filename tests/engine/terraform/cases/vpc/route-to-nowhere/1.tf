resource "alicloud_vpc" "this" {
  vpc_name = "route-to-nowhere"
}

resource "alicloud_route_entry" "this" {
  route_table_id        = alicloud_vpc.this.route_table_id
  destination_cidrblock = "172.17.0.0/16"
  nexthop_type          = "NatGateway"
  nexthop_id            = "ngw-absent"
}
