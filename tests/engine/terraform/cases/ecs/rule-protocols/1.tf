resource "alicloud_vpc" "this" {
  vpc_name   = "rule-protocols"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "rule-protocols"
  vpc_id              = alicloud_vpc.this.id
}

locals {
  directions = ["ingress", "egress"]
  rules = {
    tcp     = { protocol = "tcp", ports = "443/443" }
    tcp-all = { protocol = "tcp", ports = "1/65535" }
    udp     = { protocol = "udp", ports = "53/1024" }
    icmp    = { protocol = "icmp", ports = "-1/-1" }
    gre     = { protocol = "gre", ports = "-1/-1" }
    all     = { protocol = "all", ports = "-1/-1" }
  }
  pairs = { for pair in setproduct(local.directions, keys(local.rules)) : join(".", pair) => pair }
}

resource "alicloud_security_group_rule" "this" {
  for_each          = local.pairs
  security_group_id = alicloud_security_group.this.id
  type              = each.value[0]
  ip_protocol       = local.rules[each.value[1]].protocol
  port_range        = local.rules[each.value[1]].ports
  nic_type          = "intranet"
  policy            = "accept"
  priority          = 1
  cidr_ip           = "10.0.0.0/8"
}

resource "alicloud_security_group_rule" "icmpv6" {
  security_group_id = alicloud_security_group.this.id
  type              = "ingress"
  ip_protocol       = "icmpv6"
  ipv6_cidr_ip      = "::/0"
}
