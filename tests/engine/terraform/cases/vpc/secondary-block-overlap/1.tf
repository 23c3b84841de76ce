resource "alicloud_vpc" "this" {
  vpc_name   = "secondary-block-overlap"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vpc_ipv4_cidr_block" "this" {
  vpc_id               = alicloud_vpc.this.id
  secondary_cidr_block = "10.1.0.0/16"
}
