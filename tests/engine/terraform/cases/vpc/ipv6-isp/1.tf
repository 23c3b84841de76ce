# The types of a single provider are for accounts on a list.
resource "alicloud_vpc" "this" {
  vpc_name    = "ipv6-isp"
  cidr_block  = "10.0.0.0/8"
  enable_ipv6 = true
  ipv6_isp    = "ChinaTelecom"
}
