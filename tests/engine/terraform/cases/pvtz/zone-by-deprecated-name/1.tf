resource "alicloud_pvtz_zone" "this" {
  name = "deprecated.example"

  lifecycle {
    postcondition {
      condition     = self.zone_name == "deprecated.example" && self.proxy_pattern == "ZONE"
      error_message = "got ${self.zone_name}, ${self.proxy_pattern}"
    }
  }
}
