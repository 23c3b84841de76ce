resource "alicloud_vpc" "this" {
  vpc_name   = "environment"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_apig_gateway" "this" {
  gateway_name = "environment"
  payment_type = "PayAsYouGo"
  spec         = "apigw.small.x1"

  vpc {
    vpc_id = alicloud_vpc.this.id
  }
  vswitch {
    vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
  }
  zone_config {
    select_option = "Auto"
  }
  network_access_config {
    type = "Intranet"
  }
  log_config {
    sls {}
  }
}

resource "alicloud_apig_environment" "this" {
  environment_name  = "test"
  description       = "of the tests"
  gateway_id        = alicloud_apig_gateway.this.id
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[0]
}

resource "alicloud_apig_environment" "defaults" {
  environment_name = "defaults"
  gateway_id       = alicloud_apig_gateway.this.id
  description      = "removed later"

  lifecycle {
    postcondition {
      condition     = self.resource_group_id != ""
      error_message = "the environment is in no resource group"
    }
  }
}
