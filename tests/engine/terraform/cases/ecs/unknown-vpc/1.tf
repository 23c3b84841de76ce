resource "alicloud_security_group" "this" {
  security_group_name = "unknown-vpc"
  vpc_id              = "vpc-absent"
}
