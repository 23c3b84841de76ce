resource "alicloud_apig_http_api" "first" {
  http_api_name = "http-api-taken-name"
  type          = "Rest"
  base_path     = "/first"
  protocols     = ["HTTP"]
}

resource "alicloud_apig_http_api" "second" {
  http_api_name = alicloud_apig_http_api.first.http_api_name
  type          = "Http"
  base_path     = "/second"
  protocols     = ["HTTP"]
}
