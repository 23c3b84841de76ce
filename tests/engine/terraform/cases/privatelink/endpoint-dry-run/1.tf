resource "alicloud_vpc" "this" {
  vpc_name   = "endpoint-dry-run"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "endpoint-dry-run"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id             = alicloud_vpc.this.id
  service_name       = "com.aliyuncs.dashscope"
  security_group_ids = alicloud_security_group.this[*].id
  dry_run            = true
}
