resource "alicloud_vpc" "this" {
  vpc_name   = "endpoint-by-service-id"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "endpoint-by-service-id"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id             = alicloud_vpc.this.id
  service_id         = "epsrv-2zesandboxdashscope"
  security_group_ids = alicloud_security_group.this[*].id

  lifecycle {
    postcondition {
      condition     = self.service_name == "com.aliyuncs.dashscope" && self.endpoint_type == "Interface"
      error_message = "got ${self.service_name}, ${self.endpoint_type}"
    }
    postcondition {
      condition     = self.zone_private_ip_address_count == 1 && self.address_ip_version == "IPv4"
      error_message = "got ${self.zone_private_ip_address_count}, ${self.address_ip_version}"
    }
    postcondition {
      condition     = self.connection_status == "Disconnected" && self.protected_enabled != true
      error_message = "got ${self.connection_status}"
    }
  }
}
