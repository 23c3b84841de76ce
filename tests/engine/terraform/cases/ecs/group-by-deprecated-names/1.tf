resource "alicloud_vpc" "this" {
  vpc_name   = "group-by-deprecated-names"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  name         = "group-by-deprecated-names"
  vpc_id       = alicloud_vpc.this.id
  inner_access = false
}
