resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type  = "slb"
  auto_accept_connection = false
}

resource "alicloud_privatelink_vpc_endpoint_service_user" "this" {
  service_id = alicloud_privatelink_vpc_endpoint_service.this.id
  user_id    = "1000000000000002"
  user_arn   = "acs:ram::1000000000000002:*"
}
