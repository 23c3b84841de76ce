# The argument forces a new VPC.
resource "alicloud_vpc" "this" {
  vpc_name   = "user-cidrs"
  cidr_block = "10.0.0.0/8"
  user_cidrs = ["106.11.62.0/24"]
}
