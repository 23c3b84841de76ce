resource "alicloud_apig_plugin_class" "this" {
  plugin_class_name   = "plugin-class-language"
  alias               = "plugin-class-language"
  description         = "in a language that the cloud does not know"
  version             = "1.0.0"
  version_description = "first version"
  wasm_url            = "https://example.com/plugin.wasm"
  wasm_language       = "Perl"
  execute_stage       = "AUTHZ"
  execute_priority    = 1
}
