resource "alicloud_eip_address" "this" {
  internet_charge_type = "PayByTraffic"
  bandwidth            = "201"
}
