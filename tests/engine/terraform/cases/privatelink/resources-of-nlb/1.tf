resource "alicloud_vpc" "this" {
  vpc_name   = "resources-of-nlb"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_nlb_load_balancer" "this" {
  load_balancer_name = "resources-of-nlb"
  load_balancer_type = "Network"
  address_type       = "Intranet"
  address_ip_version = "Ipv4"
  vpc_id             = alicloud_vpc.this.id

  dynamic "zone_mappings" {
    for_each = alicloud_vswitch.this
    content {
      zone_id    = zone_mappings.value.zone_id
      vswitch_id = zone_mappings.value.id
    }
  }
}

resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type  = "nlb"
  auto_accept_connection = true
}

resource "alicloud_privatelink_vpc_endpoint_service_resource" "this" {
  for_each      = alicloud_vswitch.this
  service_id    = alicloud_privatelink_vpc_endpoint_service.this.id
  resource_type = "nlb"
  resource_id   = alicloud_nlb_load_balancer.this.id
  zone_id       = each.key
  dry_run       = false

  lifecycle {
    postcondition {
      condition     = self.region_id == "cn-beijing"
      error_message = "got ${self.region_id}"
    }
  }
}
