resource "alicloud_apig_environment" "this" {
  environment_name = "environment-of-no-gateway"
  gateway_id       = "gw-0000000000000000"
}
