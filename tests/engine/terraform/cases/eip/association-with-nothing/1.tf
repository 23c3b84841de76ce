resource "alicloud_eip_address" "this" {
  internet_charge_type = "PayByTraffic"
}

resource "alicloud_eip_association" "this" {
  allocation_id = alicloud_eip_address.this.id
  instance_id   = "ngw-nothing"
}
