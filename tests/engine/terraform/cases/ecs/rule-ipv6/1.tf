resource "alicloud_vpc" "this" {
  vpc_name   = "rule-ipv6"
  cidr_block = "10.0.0.0/8"
}

# Compressed, expanded, in capitals, with bits after the mask, and as an address.
resource "alicloud_security_group" "this" {
  security_group_name = "rule-ipv6"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "this" {
  for_each = toset([
    "::/0",
    "2408:4004:cc:400::/56",
    "2001:0db8:3c4d:0015:0000:0000:1a2f:1a2b/64",
    "FD00:AB::/32",
    "FD00:0000:0000:0000:0000:0000:0000:0001",
  ])
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  ipv6_cidr_ip      = each.key
  description       = "IPv6"
}

resource "alicloud_security_group_rule" "egress" {
  security_group_id = alicloud_security_group.this.id
  type              = "egress"
  ip_protocol       = "all"
  ipv6_cidr_ip      = "2001:0DB8::/32"
}
