# A VPC without arguments has the documented block.
resource "alicloud_vpc" "this" {
  lifecycle {
    postcondition {
      condition     = self.cidr_block == "172.16.0.0/12" && self.status == "Available"
      error_message = "got ${self.cidr_block}, ${self.status}"
    }
    postcondition {
      condition     = !self.enable_ipv6 && self.dns_hostname_status == "DISABLED" && !self.is_default
      error_message = "a new VPC has no IPv6, no DNS names of hosts and is not the default one"
    }
  }
}
