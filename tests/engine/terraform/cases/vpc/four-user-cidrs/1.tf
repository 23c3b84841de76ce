resource "alicloud_vpc" "this" {
  vpc_name   = "four-user-cidrs"
  cidr_block = "10.0.0.0/8"
  user_cidrs = ["30.0.0.0/16", "31.0.0.0/16", "32.0.0.0/16", "33.0.0.0/16"]
}
