resource "alicloud_vpc" "this" {
  vpc_name   = "zone-outside"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "zone-outside"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.0.1.0/24"
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id             = alicloud_vpc.this.id
  service_name       = "com.aliyuncs.dashscope"
  security_group_ids = alicloud_security_group.this[*].id
}

resource "alicloud_privatelink_vpc_endpoint_zone" "this" {
  endpoint_id = alicloud_privatelink_vpc_endpoint.this.id
  vswitch_id  = alicloud_vswitch.this.id
  eni_ip      = "10.0.2.77"
}
