resource "alicloud_vpc" "this" {
  count      = 2
  vpc_name   = "one-address"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this[0].id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_security_group" "this" {
  security_group_name = "one-address"
  vpc_id              = alicloud_vpc.this[0].id
}

resource "alicloud_pvtz_endpoint" "this" {
  endpoint_name     = "one-address"
  security_group_id = alicloud_security_group.this.id
  vpc_id            = alicloud_vpc.this[0].id
  vpc_region_id     = "cn-beijing"

  ip_configs {
    zone_id    = "cn-beijing-h"
    vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
    cidr_block = "10.0.1.0/24"
  }
}
