resource "alicloud_pvtz_zone" "this" {
  zone_name = "no-address.example"
}

resource "alicloud_pvtz_zone_record" "this" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "www"
  type    = "A"
  value   = "10.0.0.700"
}
