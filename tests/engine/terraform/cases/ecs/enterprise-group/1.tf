resource "alicloud_vpc" "this" {
  vpc_name   = "enterprise-group"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "enterprise-group"
  vpc_id              = alicloud_vpc.this.id
  security_group_type = "enterprise"

  lifecycle {
    postcondition {
      condition     = self.inner_access_policy == "Drop"
      error_message = "got ${self.inner_access_policy}"
    }
  }
}

resource "alicloud_security_group_rule" "this" {
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  cidr_ip           = "10.0.0.0/8"
}
