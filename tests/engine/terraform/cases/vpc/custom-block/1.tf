resource "alicloud_vpc" "this" {
  vpc_name   = "custom-block"
  cidr_block = "30.0.0.0/16"
}
