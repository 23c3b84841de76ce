resource "alicloud_vpc" "this" {
  vpc_name   = "rule-changes"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "rule-changes"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "described" {
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  cidr_ip           = "10.0.0.0/8"
  description       = "HTTPS"
}

resource "alicloud_security_group_rule" "replaced" {
  security_group_id = alicloud_security_group.this.id
  type              = "egress"
  ip_protocol       = "tcp"
  port_range        = "80/80"
  cidr_ip           = "10.0.0.0/8"
  policy            = "drop"
  priority          = 100
  description       = "HTTP"
}
