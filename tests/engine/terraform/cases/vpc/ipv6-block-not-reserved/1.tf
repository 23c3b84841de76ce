resource "alicloud_vpc" "this" {
  vpc_name        = "ipv6-block-not-reserved"
  cidr_block      = "10.0.0.0/8"
  enable_ipv6     = true
  ipv6_cidr_block = "2001:db8::/56"
}
