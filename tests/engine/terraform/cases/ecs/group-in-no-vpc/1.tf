resource "alicloud_security_group" "this" {
  security_group_name = "group-in-no-vpc"
  vpc_id              = "vpc-absent"
}
