data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_apig_http_api" "this" {
  http_api_name     = "http-api"
  type              = "Rest"
  base_path         = "/v1"
  protocols         = ["HTTP"]
  description       = "orders"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[0]
}
