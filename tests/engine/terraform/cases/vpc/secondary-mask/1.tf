# A mask instead of a block is for address pools, which the sandbox does not have.
resource "alicloud_vpc" "this" {
  vpc_name   = "secondary-mask"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vpc_ipv4_cidr_block" "this" {
  vpc_id              = alicloud_vpc.this.id
  ipv4_ipam_pool_id   = "ipam-pool-absent"
  secondary_cidr_mask = 24
}
