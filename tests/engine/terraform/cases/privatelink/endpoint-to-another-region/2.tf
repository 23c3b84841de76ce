resource "alicloud_vpc" "this" {
  vpc_name   = "endpoint-to-another-region"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "endpoint-to-another-region"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id                 = alicloud_vpc.this.id
  service_name           = "com.aliyuncs.dashscope"
  service_region_id      = "ap-southeast-1"
  cross_region_bandwidth = 400
  security_group_ids     = alicloud_security_group.this[*].id
}
