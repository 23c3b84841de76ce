resource "alicloud_vpc" "this" {
  vpc_name = "havip"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "172.16.1.0/24"
}

resource "alicloud_havip" "this" {
  vswitch_id  = alicloud_vswitch.this.id
  ip_address  = "172.16.1.77"
  ha_vip_name = "havip"
  description = "an address"
  tags        = { team = "models" }
}
