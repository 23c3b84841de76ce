resource "alicloud_pvtz_zone" "this" {
  zone_name = "vpc-ids.example"
}

resource "alicloud_vpc" "this" {
  count      = 2
  vpc_name   = "vpc-ids"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_pvtz_zone_attachment" "this" {
  zone_id = alicloud_pvtz_zone.this.id
  vpc_ids = [alicloud_vpc.this[1].id]
}
