resource "alicloud_vpc" "this" {
  vpc_name   = "endpoint"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 2
  security_group_name = "endpoint"
  vpc_id              = alicloud_vpc.this.id
}

data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id                        = alicloud_vpc.this.id
  service_name                  = "com.aliyuncs.dashscope"
  endpoint_type                 = "Interface"
  vpc_endpoint_name             = "endpoint-renamed"
  endpoint_description          = "a changed one"
  resource_group_id             = data.alicloud_resource_manager_resource_groups.this.ids[1]
  security_group_ids            = [alicloud_security_group.this[1].id]
  protected_enabled             = true
  zone_private_ip_address_count = 1
  address_ip_version            = "DualStack"
  dry_run                       = false
  tags                          = { team = "networks" }
  policy_document = jsonencode({
    Version = "1"
    Statement = [
      { Effect = "Allow", Action = ["*"], Resource = ["*"], Principal = "*" },
    ]
  })
}
