resource "alicloud_pvtz_zone" "this" {
  zone_name = "deprecated-record.example"
}

resource "alicloud_pvtz_zone_record" "this" {
  zone_id         = alicloud_pvtz_zone.this.id
  resource_record = "www"
  type            = "A"
  value           = "10.0.0.7"

  lifecycle {
    postcondition {
      condition     = self.rr == "www" && self.ttl == 60 && self.status == "ENABLE"
      error_message = "got ${self.rr}, ${self.ttl}, ${self.status}"
    }
  }
}
