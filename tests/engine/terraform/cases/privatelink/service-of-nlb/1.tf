data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type  = "nlb"
  service_description    = "a service"
  auto_accept_connection = true
  connect_bandwidth      = 1024
  payer                  = "Endpoint"
  resource_group_id      = data.alicloud_resource_manager_resource_groups.this.ids[0]
  tags                   = { team = "models" }
  zone_affinity_enabled  = true
  supported_region_list  = ["cn-beijing", "ap-southeast-1"]
  address_ip_version     = "IPv4"
  service_support_ipv6   = false
  dry_run                = false

  lifecycle {
    postcondition {
      condition     = endswith(self.vpc_endpoint_service_name, "cn-beijing.${self.id}")
      error_message = "got ${self.vpc_endpoint_service_name}"
    }
    postcondition {
      condition     = self.status == "Active" && self.service_business_status == "Normal"
      error_message = "got ${self.status}, ${self.service_business_status}"
    }
    postcondition {
      condition     = startswith(self.service_domain, self.id) && self.region_id == "cn-beijing"
      error_message = "got ${self.service_domain} in ${self.region_id}"
    }
  }
}
