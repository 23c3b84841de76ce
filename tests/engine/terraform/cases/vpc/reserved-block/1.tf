resource "alicloud_vpc" "this" {
  vpc_name   = "reserved-block"
  cidr_block = "100.64.0.0/16"
}
