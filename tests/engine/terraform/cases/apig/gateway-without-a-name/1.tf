resource "alicloud_vpc" "this" {
  vpc_name   = "gateway-without-a-name"
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
  payment_type      = "PayAsYouGo"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[0]
  tags              = {}

  vpc {
    vpc_id = alicloud_vpc.this.id
  }
  spec = "apigw.small.x1"

  zone_config {
    select_option = "Auto"
  }

  vswitch {
    vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
  }

  network_access_config {
    type = "Intranet"
  }

  log_config {
    sls {
      enable = false
    }
  }
}
