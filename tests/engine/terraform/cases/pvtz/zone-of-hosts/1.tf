resource "alicloud_pvtz_zone" "this" {
  zone_name   = "hosts.example"
  sync_status = "ON"

  user_info {
    user_id    = "1000000000000001"
    region_ids = ["cn-beijing", "cn-hangzhou"]
  }
}
