resource "alicloud_vpc" "this" {
  vpc_name            = "dns-hostnames"
  cidr_block          = "10.0.0.0/8"
  dns_hostname_status = "DISABLED"
}
