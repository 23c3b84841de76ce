resource "alicloud_vpc" "this" {
  vpc_name   = "rule-no-block"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "rule-no-block"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "this" {
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  cidr_ip           = "10.0.0.0/33"
}
