resource "alicloud_vpc" "this" {
  vpc_name   = "gateway-in-one-zone"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_apig_gateway" "this" {
  gateway_name = "gateway-in-one-zone"
  gateway_type = "AI"
  payment_type = "PayAsYouGo"

  vpc {
    vpc_id = alicloud_vpc.this.id
  }
  zone_config {
    select_option = "Manual"
  }
  zones {
    zone_id    = "cn-beijing-h"
    vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
  }
  network_access_config {
    type = "Intranet"
  }
}
