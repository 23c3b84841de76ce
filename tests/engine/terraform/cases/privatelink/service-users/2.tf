resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type  = "slb"
  auto_accept_connection = false
}
