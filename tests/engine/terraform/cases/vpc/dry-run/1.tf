resource "alicloud_vpc" "this" {
  vpc_name = "dry-run"
  dry_run  = true
}
