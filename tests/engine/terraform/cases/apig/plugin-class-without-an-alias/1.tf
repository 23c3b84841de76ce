# The provider's documentation has an example without an alias; the SDK's says that it is required.
resource "alicloud_apig_plugin_class" "this" {
  plugin_class_name   = "plugin-class-without-an-alias"
  description         = "Checks requests"
  version             = "1.0.0"
  version_description = "The first one"
  wasm_url            = "https://example.com/plugin.wasm"
  wasm_language       = "TinyGo"
  execute_stage       = "UNSPECIFIED_PHASE"
  execute_priority    = 1
}
