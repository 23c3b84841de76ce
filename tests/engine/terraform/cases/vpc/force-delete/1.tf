resource "alicloud_vpc" "this" {
  vpc_name     = "force-delete"
  force_delete = true
}
