resource "alicloud_vpc" "this" {
  vpc_name   = "groups-listed"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "groups-listed"
  vpc_id              = alicloud_vpc.this.id
  inner_access_policy = "Drop"
  tags                = { listed = "yes" }
}

resource "alicloud_security_group_rule" "this" {
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  cidr_ip           = "10.0.0.0/8"
  description       = "HTTPS"
}

data "alicloud_security_groups" "this" {
  vpc_id         = alicloud_vpc.this.id
  name_regex     = "^groups-"
  ids            = [alicloud_security_group.this.id]
  tags           = { listed = "yes" }
  enable_details = true

  lifecycle {
    postcondition {
      condition     = self.ids == tolist([alicloud_security_group.this.id]) && !self.groups[0].inner_access
      error_message = "the group is not listed"
    }
  }
}

data "alicloud_security_group_rules" "this" {
  group_id    = alicloud_security_group_rule.this.security_group_id
  direction   = "ingress"
  ip_protocol = "tcp"
  nic_type    = "intranet"
  policy      = "accept"

  lifecycle {
    postcondition {
      condition     = self.rules[0].source_cidr_ip == "10.0.0.0/8" && self.rules[0].description == "HTTPS"
      error_message = "the rule is not listed"
    }
  }
}
