resource "alicloud_apig_http_api" "this" {
  http_api_name = "http-api-bad-path"
  base_path     = "v1"
  protocols     = ["HTTP"]
}
