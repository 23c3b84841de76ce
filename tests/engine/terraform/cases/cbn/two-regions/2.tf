provider "alicloud" {
  alias  = "far"
  region = "cn-shanghai"
}

resource "alicloud_vpc" "near" {
  vpc_name   = "cen-near"
  cidr_block = "192.168.0.0/16"
}

resource "alicloud_vswitch" "near" {
  for_each   = { cn-beijing-g = "192.168.1.0/24", cn-beijing-i = "192.168.2.0/24" }
  vpc_id     = alicloud_vpc.near.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_vpc" "far" {
  provider   = alicloud.far
  vpc_name   = "cen-far"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "far" {
  provider   = alicloud.far
  for_each   = { cn-shanghai-m = "10.0.1.0/24", cn-shanghai-n = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.far.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_cen_instance" "this" {
  cen_instance_name = "models-changed"
  description       = "models"
  protection_level  = "REDUCED"
  tags              = { stack = "models" }
}

resource "alicloud_cen_transit_router" "near" {
  cen_id                     = alicloud_cen_instance.this.id
  transit_router_name        = "near-changed"
  transit_router_description = "near"

  lifecycle {
    postcondition {
      condition     = self.type == "Enterprise" && self.status == "Active"
      error_message = "The router is not an active Enterprise one."
    }
  }
}

resource "alicloud_cen_transit_router" "far" {
  provider            = alicloud.far
  cen_id              = alicloud_cen_instance.this.id
  transit_router_name = "far"
}

data "alicloud_cen_transit_router_route_tables" "near" {
  transit_router_id               = alicloud_cen_transit_router.near.transit_router_id
  transit_router_route_table_type = "System"
}

data "alicloud_cen_transit_router_route_tables" "far" {
  provider                        = alicloud.far
  transit_router_id               = alicloud_cen_transit_router.far.transit_router_id
  transit_router_route_table_type = "System"
}

locals {
  near_table = data.alicloud_cen_transit_router_route_tables.near.tables[0].transit_router_route_table_id
  far_table  = data.alicloud_cen_transit_router_route_tables.far.tables[0].transit_router_route_table_id
}

resource "alicloud_cen_transit_router_vpc_attachment" "near" {
  cen_id                             = alicloud_cen_instance.this.id
  transit_router_id                  = alicloud_cen_transit_router.near.transit_router_id
  vpc_id                             = alicloud_vpc.near.id
  transit_router_vpc_attachment_name = "near-changed"
  auto_publish_route_enabled         = true

  dynamic "zone_mappings" {
    for_each = [alicloud_vswitch.near["cn-beijing-g"]]
    content {
      zone_id    = zone_mappings.value.zone_id
      vswitch_id = zone_mappings.value.id
    }
  }

  lifecycle {
    postcondition {
      condition     = self.status == "Attached"
      error_message = "The VPC is not attached."
    }
  }
}

resource "alicloud_cen_transit_router_vpc_attachment" "far" {
  provider                   = alicloud.far
  cen_id                     = alicloud_cen_instance.this.id
  transit_router_id          = alicloud_cen_transit_router.far.transit_router_id
  vpc_id                     = alicloud_vpc.far.id
  auto_publish_route_enabled = true

  dynamic "zone_mappings" {
    for_each = alicloud_vswitch.far
    content {
      zone_id    = zone_mappings.value.zone_id
      vswitch_id = zone_mappings.value.id
    }
  }
}

resource "alicloud_cen_transit_router_peer_attachment" "this" {
  cen_id                         = alicloud_cen_instance.this.id
  transit_router_id              = alicloud_cen_transit_router.near.transit_router_id
  peer_transit_router_region_id  = "cn-shanghai"
  peer_transit_router_id         = alicloud_cen_transit_router.far.transit_router_id
  bandwidth_type                 = "DataTransfer"
  bandwidth                      = 20
  transit_router_attachment_name = "peer"
  auto_publish_route_enabled     = true
}

resource "alicloud_cen_transit_router_route_table_association" "near" {
  for_each = {
    vpc  = alicloud_cen_transit_router_vpc_attachment.near.transit_router_attachment_id
    peer = alicloud_cen_transit_router_peer_attachment.this.transit_router_attachment_id
  }
  transit_router_route_table_id = local.near_table
  transit_router_attachment_id  = each.value
}

resource "alicloud_cen_transit_router_route_table_propagation" "near" {
  for_each = {
    vpc  = alicloud_cen_transit_router_vpc_attachment.near.transit_router_attachment_id
    peer = alicloud_cen_transit_router_peer_attachment.this.transit_router_attachment_id
  }
  transit_router_route_table_id = local.near_table
  transit_router_attachment_id  = each.value
}

resource "alicloud_cen_transit_router_route_table_association" "far" {
  provider = alicloud.far
  for_each = {
    vpc  = alicloud_cen_transit_router_vpc_attachment.far.transit_router_attachment_id
    peer = alicloud_cen_transit_router_peer_attachment.this.transit_router_attachment_id
  }
  transit_router_route_table_id = local.far_table
  transit_router_attachment_id  = each.value
}

resource "alicloud_cen_transit_router_route_table_propagation" "far" {
  provider = alicloud.far
  for_each = {
    vpc  = alicloud_cen_transit_router_vpc_attachment.far.transit_router_attachment_id
    peer = alicloud_cen_transit_router_peer_attachment.this.transit_router_attachment_id
  }
  transit_router_route_table_id = local.far_table
  transit_router_attachment_id  = each.value
}
