resource "alicloud_pvtz_zone" "this" {
  zone_name = "vpcs.example"
}

resource "alicloud_vpc" "this" {
  count      = 2
  vpc_name   = "vpcs"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_pvtz_zone_attachment" "this" {
  zone_id        = alicloud_pvtz_zone.this.id
  lang           = "zh"
  user_client_ip = "192.0.2.1"

  vpcs {
    vpc_id = alicloud_vpc.this[0].id
  }

  vpcs {
    vpc_id    = alicloud_vpc.this[1].id
    region_id = "cn-beijing"
  }
}
