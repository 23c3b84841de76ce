resource "alicloud_vpc" "this" {
  vpc_name   = "resource-of-slb"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.0.1.0/24"
}

resource "alicloud_slb_load_balancer" "this" {
  load_balancer_name = "resource-of-slb"
  address_type       = "intranet"
  load_balancer_spec = "slb.s2.small"
  vswitch_id         = alicloud_vswitch.this.id
  master_zone_id     = "cn-beijing-h"
  slave_zone_id      = "cn-beijing-k"
}

resource "alicloud_privatelink_vpc_endpoint_service" "this" {
  service_resource_type  = "slb"
  auto_accept_connection = true
}

resource "alicloud_privatelink_vpc_endpoint_service_resource" "this" {
  service_id    = alicloud_privatelink_vpc_endpoint_service.this.id
  resource_type = "slb"
  resource_id   = alicloud_slb_load_balancer.this.id
}
