# The sandbox has no address pools.
resource "alicloud_vpc" "this" {
  vpc_name          = "ipam"
  ipv4_ipam_pool_id = "ipam-pool-absent"
  ipv4_cidr_mask    = 24
}
