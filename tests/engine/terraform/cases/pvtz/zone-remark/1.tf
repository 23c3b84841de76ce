# A remark has no colon.
resource "alicloud_pvtz_zone" "this" {
  zone_name = "remark.example"
  remark    = "team: models"
}
