resource "alicloud_pvtz_zone" "this" {
  zone_name = "20.10.in-addr.arpa"

  lifecycle {
    postcondition {
      condition     = self.is_ptr
      error_message = "the zone has the names of addresses"
    }
  }
}

resource "alicloud_pvtz_zone_record" "this" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "77.1"
  type    = "PTR"
  value   = "models.example"
}
