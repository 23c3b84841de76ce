resource "alicloud_vpc" "this" {
  vpc_name   = "rule-addresses"
  cidr_block = "10.0.0.0/8"
}

# IPv4 as blocks, with host bits, and as an address.
resource "alicloud_security_group" "this" {
  security_group_name = "rule-addresses"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "this" {
  for_each          = toset(["0.0.0.0/0", "10.159.6.18/12", "10.1.2.3", "10.1.2.3/32"])
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "tcp"
  port_range        = "443/443"
  cidr_ip           = each.key
}
