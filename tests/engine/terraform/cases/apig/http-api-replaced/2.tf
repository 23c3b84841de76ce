resource "alicloud_apig_http_api" "this" {
  http_api_name = "http-api-replaced"
  type          = "Http"
  base_path     = "/replaced"
  protocols     = ["HTTP"]
}
