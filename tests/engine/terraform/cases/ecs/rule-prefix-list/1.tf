resource "alicloud_vpc" "this" {
  vpc_name   = "rule-prefix-list"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "rule-prefix-list"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_ecs_prefix_list" "this" {
  prefix_list_name = "rule-prefix-list"
  description      = "offices"
  address_family   = "IPv4"
  max_entries      = 3
  entry {
    cidr        = "192.168.0.0/24"
    description = "one office"
  }
}

resource "alicloud_security_group_rule" "this" {
  for_each          = toset(["ingress", "egress"])
  security_group_id = alicloud_security_group.this.id
  type              = each.key
  ip_protocol       = "tcp"
  port_range        = "443/443"
  prefix_list_id    = alicloud_ecs_prefix_list.this.id
}
