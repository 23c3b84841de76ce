resource "alicloud_vpc" "this" {
  vpc_name   = "gateway-ai-in-zones"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_apig_gateway" "this" {
  gateway_name = "gateway-ai-in-zones"
  gateway_type = "AI"
  payment_type = "PayAsYouGo"
  spec         = "aigw.small.x1"

  vpc {
    vpc_id = alicloud_vpc.this.id
  }
  zone_config {
    select_option = "Manual"
  }
  dynamic "zones" {
    for_each = ["cn-beijing-h", "cn-beijing-k"]
    content {
      zone_id    = zones.value
      vswitch_id = alicloud_vswitch.this[zones.value].id
    }
  }
  network_access_config {
    type = "InternetAndIntranet"
  }
  log_config {
    sls {
      enable = true
    }
  }

  lifecycle {
    postcondition {
      condition     = self.zones[*].zone_id == tolist(["cn-beijing-h", "cn-beijing-k"])
      error_message = "got ${join(", ", self.zones[*].zone_id)}"
    }
    postcondition {
      condition     = length(self.vswitch) == 0 && self.resource_group_id != ""
      error_message = "got ${length(self.vswitch)} vSwitches"
    }
  }
}
