# A region that has never had the classic network.
provider "alicloud" {
  region = "cn-heyuan"
}

resource "alicloud_security_group" "this" {
  security_group_name = "terraform-example"
}
