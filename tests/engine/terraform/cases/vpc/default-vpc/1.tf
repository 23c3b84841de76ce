# A region has one default VPC: no other case may make it.
resource "alicloud_vpc" "this" {
  is_default = true
}

resource "alicloud_vswitch" "this" {
  for_each   = toset(["cn-beijing-h", "cn-beijing-k"])
  is_default = true
  zone_id    = each.key
  depends_on = [alicloud_vpc.this]

  lifecycle {
    postcondition {
      condition     = endswith(self.cidr_block, "/20") && self.vpc_id == alicloud_vpc.this.id
      error_message = "got ${self.cidr_block} in ${self.vpc_id}"
    }
  }
}
