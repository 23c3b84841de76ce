resource "alicloud_vpc" "this" {
  vpc_name    = "ipv6"
  cidr_block  = "10.0.0.0/8"
  enable_ipv6 = true
  ipv6_isp    = "BGP"

  lifecycle {
    postcondition {
      condition     = endswith(self.ipv6_cidr_block, "::/56") && self.ipv6_cidr_blocks[0].ipv6_isp == "BGP"
      error_message = "got ${self.ipv6_cidr_block}"
    }
  }
}

resource "alicloud_vswitch" "this" {
  for_each             = { cn-beijing-h = 64, cn-beijing-k = 0 }
  vpc_id               = alicloud_vpc.this.id
  zone_id              = each.key
  cidr_block           = cidrsubnet("10.0.0.0/16", 8, each.value)
  enable_ipv6          = true
  ipv6_cidr_block_mask = each.value

  lifecycle {
    postcondition {
      condition     = self.ipv6_cidr_block == cidrsubnet(alicloud_vpc.this.ipv6_cidr_block, 8, each.value)
      error_message = "got ${self.ipv6_cidr_block}"
    }
  }
}
