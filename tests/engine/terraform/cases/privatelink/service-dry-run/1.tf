resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type = "nlb"
  dry_run               = true
}
