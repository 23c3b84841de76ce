# A VPC has one zone of a name.
resource "alicloud_pvtz_zone" "this" {
  count     = 2
  zone_name = "twice.example"
}

resource "alicloud_vpc" "this" {
  vpc_name   = "attachment-twice"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_pvtz_zone_attachment" "first" {
  zone_id = alicloud_pvtz_zone.this[0].id
  vpc_ids = [alicloud_vpc.this.id]
}

resource "alicloud_pvtz_zone_attachment" "second" {
  zone_id    = alicloud_pvtz_zone.this[1].id
  vpc_ids    = [alicloud_vpc.this.id]
  depends_on = [alicloud_pvtz_zone_attachment.first]
}
