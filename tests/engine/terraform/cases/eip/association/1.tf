resource "alicloud_vpc" "this" {
  vpc_name   = "eip-association"
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.20.1.0/24"
}

resource "alicloud_nat_gateway" "this" {
  vpc_id     = alicloud_vpc.this.id
  vswitch_id = alicloud_vswitch.this.id
  nat_type   = "Enhanced"
}

resource "alicloud_eip_address" "this" {
  for_each             = toset(["one", "two"])
  address_name         = each.key
  internet_charge_type = "PayByTraffic"
}

resource "alicloud_eip_association" "this" {
  allocation_id = alicloud_eip_address.this["one"].id
  instance_id   = alicloud_nat_gateway.this.id
}
