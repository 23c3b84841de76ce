resource "alicloud_pvtz_user_vpc_authorization" "this" {
  authorized_user_id = "1000000000000002"
  auth_type          = "NORMAL"
  auth_channel       = "RESOURCE_DIRECTORY"
}
