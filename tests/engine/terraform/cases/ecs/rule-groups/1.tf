resource "alicloud_vpc" "this" {
  vpc_name   = "rule-groups"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "source" {
  security_group_name = "source"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group" "this" {
  security_group_name = "rule-groups"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_security_group_rule" "this" {
  for_each                 = toset(["ingress", "egress"])
  security_group_id        = alicloud_security_group.this.id
  type                     = each.key
  ip_protocol              = "tcp"
  port_range               = "443/443"
  nic_type                 = "intranet"
  source_security_group_id = alicloud_security_group.source.id
  description              = "from the other group"
}

resource "alicloud_security_group_rule" "owner" {
  security_group_id          = alicloud_security_group.this.id
  type                       = "ingress"
  ip_protocol                = "tcp"
  port_range                 = "80/80"
  source_security_group_id   = alicloud_security_group.source.id
  source_group_owner_account = data.alicloud_account.this.id
}

data "alicloud_account" "this" {}
