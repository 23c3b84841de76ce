resource "alicloud_vpc" "this" {
  vpc_name   = "enterprise-group-by-group"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "source" {
  security_group_name = "source"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group" "this" {
  security_group_name = "enterprise-group-by-group"
  vpc_id              = alicloud_vpc.this.id
  security_group_type = "enterprise"
}

resource "alicloud_security_group_rule" "this" {
  security_group_id        = alicloud_security_group.this.id
  type                     = "ingress"
  ip_protocol              = "tcp"
  port_range               = "443/443"
  source_security_group_id = alicloud_security_group.source.id
}
