resource "alicloud_pvtz_zone" "this" {
  zone_name = "no-vpc.example"
}

resource "alicloud_pvtz_zone_attachment" "this" {
  zone_id = alicloud_pvtz_zone.this.id
  vpc_ids = ["vpc-absent"]
}
