# What an owner does with services of this kind is not simulated: its load balancers are absent.
resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type = "alb"
  payer                 = "EndpointService"
}
