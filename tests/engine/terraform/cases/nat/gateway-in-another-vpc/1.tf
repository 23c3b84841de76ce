resource "alicloud_vpc" "this" {
  for_each   = toset(["nat-one", "nat-other"])
  vpc_name   = each.key
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this["nat-one"].id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.20.1.0/24"
}

resource "alicloud_nat_gateway" "this" {
  vpc_id     = alicloud_vpc.this["nat-other"].id
  vswitch_id = alicloud_vswitch.this.id
  nat_type   = "Enhanced"
}
