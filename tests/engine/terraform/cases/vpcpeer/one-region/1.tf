provider "alicloud" {
  alias  = "far"
  region = "cn-beijing"
}

data "alicloud_account" "this" {}

resource "alicloud_vpc" "near" {
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vpc" "far" {
  provider   = alicloud.far
  cidr_block = "10.30.0.0/16"
}

resource "alicloud_vpc_peer_connection" "this" {
  peer_connection_name = "one-region"
  vpc_id               = alicloud_vpc.near.id
  accepting_ali_uid    = data.alicloud_account.this.id
  accepting_region_id  = "cn-beijing"
  accepting_vpc_id     = alicloud_vpc.far.id
  description          = "one-region"

}

resource "alicloud_vpc_peer_connection_accepter" "this" {
  provider    = alicloud.far
  instance_id = alicloud_vpc_peer_connection.this.id

  lifecycle {
    postcondition {
      condition     = self.status == "Activated"
      error_message = "The peering is not active."
    }
  }
}

resource "alicloud_route_entry" "near" {
  route_table_id        = alicloud_vpc.near.route_table_id
  destination_cidrblock = alicloud_vpc.far.cidr_block
  nexthop_type          = "VpcPeer"
  nexthop_id            = alicloud_vpc_peer_connection.this.id
  depends_on            = [alicloud_vpc_peer_connection_accepter.this]
}

resource "alicloud_route_entry" "far" {
  provider              = alicloud.far
  route_table_id        = alicloud_vpc.far.route_table_id
  destination_cidrblock = alicloud_vpc.near.cidr_block
  nexthop_type          = "VpcPeer"
  nexthop_id            = alicloud_vpc_peer_connection.this.id
  depends_on            = [alicloud_vpc_peer_connection_accepter.this]
}
