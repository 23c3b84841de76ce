resource "alicloud_vpc" "this" {
  vpc_name   = "rule-defaults"
  cidr_block = "10.0.0.0/8"
}

# Neither ports nor policy, priority and network type.
resource "alicloud_security_group" "this" {
  security_group_name = "rule-defaults"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "this" {
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "all"
  cidr_ip           = "0.0.0.0/0"

  lifecycle {
    postcondition {
      condition     = self.nic_type == "intranet" && self.port_range == "-1/-1" && self.security_group_rule_id != ""
      error_message = "got ${self.nic_type}, ${self.port_range}"
    }
  }
}
