# The provider sends neither aiProtocols nor deployConfigs, which a Model API has to have.
resource "alicloud_apig_http_api" "this" {
  http_api_name = "http-api-llm"
  type          = "LLM"
  base_path     = "/llm"
  protocols     = ["HTTP"]
}
