data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_apig_http_api" "this" {
  http_api_name     = "http-api"
  type              = "Rest"
  base_path         = "/v2"
  protocols         = ["HTTPS", "HTTP"]
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[1]
}
