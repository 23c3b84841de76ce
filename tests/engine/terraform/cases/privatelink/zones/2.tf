resource "alicloud_vpc" "this" {
  vpc_name   = "zones"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "zones"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id             = alicloud_vpc.this.id
  service_name       = "com.aliyuncs.dashscope"
  security_group_ids = alicloud_security_group.this[*].id
}

resource "alicloud_privatelink_vpc_endpoint_zone" "second" {
  endpoint_id = alicloud_privatelink_vpc_endpoint.this.id
  vswitch_id  = alicloud_vswitch.this["cn-beijing-k"].id
  eni_ip      = "10.0.2.77"
}
