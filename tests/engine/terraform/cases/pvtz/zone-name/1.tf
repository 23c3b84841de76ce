resource "alicloud_pvtz_zone" "this" {
  zone_name = "no name"
}
