resource "alicloud_vpc" "this" {
  count      = 2
  vpc_name   = "resolver"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this[0].id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_security_group" "this" {
  security_group_name = "resolver"
  vpc_id              = alicloud_vpc.this[0].id
}

resource "alicloud_pvtz_endpoint" "this" {
  endpoint_name     = "resolver"
  security_group_id = alicloud_security_group.this.id
  vpc_id            = alicloud_vpc.this[0].id
  vpc_region_id     = "cn-beijing"

  ip_configs {
    zone_id    = "cn-beijing-h"
    vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
    cidr_block = "10.0.1.0/24"
    ip         = "10.0.1.7"
  }

  ip_configs {
    zone_id    = "cn-beijing-k"
    vswitch_id = alicloud_vswitch.this["cn-beijing-k"].id
    cidr_block = "10.0.2.0/24"
    ip         = "10.0.2.7"
  }

  lifecycle {
    postcondition {
      condition     = self.status == "SUCCESS"
      error_message = "got ${self.status}"
    }
  }
}

resource "alicloud_pvtz_rule" "this" {
  endpoint_id = alicloud_pvtz_endpoint.this.id
  rule_name   = "resolver"
  type        = "OUTBOUND"
  zone_name   = "corp.example"

  forward_ips {
    ip   = "192.168.0.7"
    port = 53
  }
}

resource "alicloud_pvtz_rule_attachment" "this" {
  rule_id = alicloud_pvtz_rule.this.id

  vpcs {
    vpc_id    = alicloud_vpc.this[0].id
    region_id = "cn-beijing"
  }
}

data "alicloud_pvtz_endpoints" "this" {
  ids        = [alicloud_pvtz_endpoint.this.id]
  name_regex = "resolver"
  status     = "SUCCESS"

  lifecycle {
    postcondition {
      condition     = length(self.endpoints[0].ip_configs) >= 2
      error_message = "got ${jsonencode(self.endpoints)}"
    }
  }
}

data "alicloud_pvtz_rules" "this" {
  ids         = [alicloud_pvtz_rule_attachment.this.id]
  endpoint_id = alicloud_pvtz_endpoint.this.id
  name_regex  = "resolver"

  lifecycle {
    postcondition {
      condition     = self.rules[*].zone_name == tolist(["corp.example"])
      error_message = "got ${jsonencode(self.rules)}"
    }
  }
}

data "alicloud_pvtz_resolver_zones" "this" {
  status = "NORMAL"

  lifecycle {
    postcondition {
      condition     = contains(self.zones[*].zone_id, "cn-beijing-h")
      error_message = "got ${jsonencode(self.zones)}"
    }
  }
}
