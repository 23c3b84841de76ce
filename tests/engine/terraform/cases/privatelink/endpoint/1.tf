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
  vpc_endpoint_name             = "endpoint"
  endpoint_description          = "an endpoint"
  resource_group_id             = data.alicloud_resource_manager_resource_groups.this.ids[0]
  security_group_ids            = [alicloud_security_group.this[0].id]
  protected_enabled             = true
  zone_private_ip_address_count = 1
  address_ip_version            = "IPv4"
  dry_run                       = false
  tags                          = { team = "models", empty = "" }
  policy_document = jsonencode({
    Version = "1"
    Statement = [
      { Effect = "Deny", Action = ["*"], Resource = ["*"], Principal = "*" },
    ]
  })

  lifecycle {
    postcondition {
      condition     = self.service_id == "epsrv-2zesandboxdashscope" && self.service_region_id == "cn-beijing"
      error_message = "got ${self.service_id} in ${self.service_region_id}"
    }
    postcondition {
      condition     = self.status == "Active" && self.endpoint_business_status == "Normal"
      error_message = "got ${self.status}, ${self.endpoint_business_status}"
    }
    postcondition {
      condition     = startswith(self.endpoint_domain, self.id) && self.region_id == "cn-beijing"
      error_message = "got ${self.endpoint_domain} in ${self.region_id}"
    }
  }
}
