resource "alicloud_vpc" "this" {
  vpc_name   = "gateway"
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
  gateway_name      = "gateway"
  gateway_type      = "API"
  payment_type      = "PayAsYouGo"
  spec              = "apigw.small.x1"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[0]
  tags              = { team = "models", stage = "test" }

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
    sls {
      enable = false
    }
  }

  lifecycle {
    postcondition {
      condition     = self.status == "Running" && self.create_time > 0
      error_message = "got ${self.status}"
    }
    postcondition {
      condition     = self.vpc[0].name == "gateway" && length(self.zones) == 0
      error_message = "the gateway is in ${self.vpc[0].name}, zones: ${length(self.zones)}"
    }
  }
}
