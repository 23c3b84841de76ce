resource "alicloud_vpc" "this" {
  vpc_name   = "listed"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "listed"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_nlb_load_balancer" "this" {
  load_balancer_name = "listed"
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

resource "alicloud_privatelink_vpc_endpoint_service_user" "this" {
  service_id = alicloud_privatelink_vpc_endpoint_service.this.id
  user_id    = "1000000000000002"
}

locals {
  service_id  = alicloud_privatelink_vpc_endpoint_connection.this.service_id
  endpoint_id = alicloud_privatelink_vpc_endpoint_connection.this.endpoint_id
}

data "alicloud_privatelink_vpc_endpoints" "this" {
  ids               = [local.endpoint_id]
  vpc_id            = alicloud_vpc.this.id
  connection_status = "Connected"
  status            = "Active"
  enable_details    = true

  lifecycle {
    postcondition {
      condition     = self.endpoints[0].service_id == local.service_id
      error_message = "got ${self.endpoints[0].service_id}"
    }
  }
}

data "alicloud_privatelink_vpc_endpoint_zones" "this" {
  endpoint_id = local.endpoint_id
  status      = "Connected"

  lifecycle {
    postcondition {
      condition     = self.zones[*].zone_id == tolist(["cn-beijing-h"])
      error_message = "got zones ${jsonencode(self.zones)}"
    }
  }
}

data "alicloud_privatelink_vpc_endpoint_services" "this" {
  ids                    = [local.service_id]
  status                 = "Active"
  auto_accept_connection = false

  lifecycle {
    postcondition {
      condition     = self.services[*].service_id == tolist([local.service_id])
      error_message = "got services ${jsonencode(self.services)}"
    }
  }
}

data "alicloud_privatelink_vpc_endpoint_service_resources" "this" {
  service_id = local.service_id

  lifecycle {
    postcondition {
      condition     = length(self.resources) == 2
      error_message = "got resources ${jsonencode(self.resources)}"
    }
  }
}

data "alicloud_privatelink_vpc_endpoint_service_users" "this" {
  service_id = alicloud_privatelink_vpc_endpoint_service_user.this.service_id

  lifecycle {
    postcondition {
      condition     = contains(self.users[*].user_id, "1000000000000002")
      error_message = "got users ${jsonencode(self.users)}"
    }
  }
}

data "alicloud_privatelink_vpc_endpoint_connections" "this" {
  service_id  = local.service_id
  endpoint_id = local.endpoint_id
  status      = "Connected"

  lifecycle {
    postcondition {
      condition     = self.connections[*].bandwidth == tolist([1024])
      error_message = "got connections ${jsonencode(self.connections)}"
    }
  }
}
