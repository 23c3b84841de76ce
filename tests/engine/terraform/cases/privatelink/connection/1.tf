resource "alicloud_vpc" "this" {
  vpc_name   = "connection"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "connection"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_nlb_load_balancer" "this" {
  load_balancer_name = "connection"
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
  auto_accept_connection = false
}

resource "alicloud_privatelink_vpc_endpoint_service_resource" "this" {
  for_each      = alicloud_vswitch.this
  service_id    = alicloud_privatelink_vpc_endpoint_service.this.id
  resource_type = "nlb"
  resource_id   = alicloud_nlb_load_balancer.this.id
  zone_id       = each.key
  dry_run       = false
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id             = alicloud_vpc.this.id
  service_id         = alicloud_privatelink_vpc_endpoint_service.this.id
  security_group_ids = alicloud_security_group.this[*].id
  depends_on         = [alicloud_privatelink_vpc_endpoint_service_resource.this]
}

resource "alicloud_privatelink_vpc_endpoint_zone" "this" {
  endpoint_id = alicloud_privatelink_vpc_endpoint.this.id
  vswitch_id  = alicloud_vswitch.this["cn-beijing-h"].id
}

resource "alicloud_privatelink_vpc_endpoint_connection" "this" {
  service_id  = alicloud_privatelink_vpc_endpoint_service.this.id
  endpoint_id = alicloud_privatelink_vpc_endpoint_zone.this.endpoint_id
  bandwidth   = 1024
  dry_run     = false

  lifecycle {
    postcondition {
      condition     = self.status == "Connected"
      error_message = "got ${self.status}"
    }
  }
}
