# The provider's first example; the classic network ended in all regions on 2025-02-28.
resource "alicloud_security_group" "this" {
  security_group_name = "terraform-example"
}
