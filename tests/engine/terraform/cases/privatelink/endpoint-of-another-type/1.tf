resource "alicloud_vpc" "this" {
  vpc_name   = "endpoint-of-another-type"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "endpoint-of-another-type"
  vpc_id              = alicloud_vpc.this.id
}

# The service has no gateway load balancers.
resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id        = alicloud_vpc.this.id
  service_name  = "com.aliyuncs.dashscope"
  endpoint_type = "GatewayLoadBalancer"
}
