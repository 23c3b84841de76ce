resource "alicloud_apig_http_api" "this" {
  for_each      = toset(["Http", "Rest", "WebSocket"])
  http_api_name = "http-api-types-${each.key}"
  type          = each.key
  base_path     = "/${each.key}"
  protocols     = ["HTTP", "HTTPS"]

  lifecycle {
    postcondition {
      condition     = self.resource_group_id != ""
      error_message = "the API is in no resource group"
    }
  }
}
