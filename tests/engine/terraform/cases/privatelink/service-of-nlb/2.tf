data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type  = "nlb"
  service_description    = "a changed one"
  auto_accept_connection = false
  connect_bandwidth      = 2048
  payer                  = "Endpoint"
  resource_group_id      = data.alicloud_resource_manager_resource_groups.this.ids[1]
  tags                   = { team = "networks", empty = "" }
  zone_affinity_enabled  = false
  supported_region_list  = ["cn-beijing", "cn-hangzhou"]
  address_ip_version     = "IPv4"
  service_support_ipv6   = false
  dry_run                = false
}
