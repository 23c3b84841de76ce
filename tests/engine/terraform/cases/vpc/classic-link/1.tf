# The classic network has ended; that a VPC is not linked to it may be stated.
resource "alicloud_vpc" "this" {
  vpc_name             = "classic-link"
  classic_link_enabled = false
}
