resource "alicloud_vpc" "this" {
  vpc_name   = "rule-reversed-ports"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "rule-reversed-ports"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "this" {
  security_group_id = alicloud_security_group.this.id
  type              = "egress"
  ip_protocol       = "udp"
  port_range        = "443/80"
  cidr_ip           = "10.0.0.0/8"
}
