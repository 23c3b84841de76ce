resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  lifecycle {
    postcondition {
      condition     = self.service_resource_type == "slb" && self.payer == "Endpoint"
      error_message = "got ${self.service_resource_type}, paid by ${self.payer}"
    }
    postcondition {
      condition     = self.auto_accept_connection != true && self.zone_affinity_enabled != true
      error_message = "a new service accepts nothing by itself and prefers no zone"
    }
    postcondition {
      condition     = self.address_ip_version == "IPv4" && !self.service_support_ipv6
      error_message = "got ${self.address_ip_version}"
    }
  }
}
