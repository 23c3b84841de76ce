resource "alicloud_vpc" "this" {
  vpc_name    = "second-ipv6-block"
  cidr_block  = "10.0.0.0/8"
  enable_ipv6 = true
}

resource "alicloud_vpc_ipv6_cidr_block" "this" {
  vpc_id = alicloud_vpc.this.id
}

resource "alicloud_vswitch" "this" {
  vpc_id               = alicloud_vpc.this.id
  zone_id              = "cn-beijing-h"
  cidr_block           = "10.0.1.0/24"
  enable_ipv6          = true
  ipv6_cidr_block_mask = 3
  vpc_ipv6_cidr_block  = alicloud_vpc_ipv6_cidr_block.this.ipv6_cidr_block

  lifecycle {
    postcondition {
      condition     = self.ipv6_cidr_block == cidrsubnet(alicloud_vpc_ipv6_cidr_block.this.ipv6_cidr_block, 8, 3)
      error_message = "got ${self.ipv6_cidr_block}"
    }
  }
}
