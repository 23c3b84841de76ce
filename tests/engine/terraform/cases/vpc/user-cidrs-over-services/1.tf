resource "alicloud_vpc" "this" {
  vpc_name   = "user-cidrs-over-services"
  cidr_block = "10.0.0.0/8"
  user_cidrs = ["100.64.0.0/16"]
}
