resource "alicloud_apig_plugin_class" "this" {
  plugin_class_name             = "plugin-class"
  alias                         = "plugin-class-alias"
  description                   = "adds a header"
  version                       = "1.0.2"
  version_description           = "first version"
  wasm_url                      = "https://example.com/plugin-1.0.2.wasm"
  wasm_language                 = "TinyGo"
  execute_stage                 = "UNSPECIFIED_PHASE"
  execute_priority              = 1
  supported_min_gateway_version = "1.0.0"

  lifecycle {
    postcondition {
      condition     = contains(["Publishing", "Success"], self.status) && self.type == "Other"
      error_message = "got ${self.status} of type ${self.type}"
    }
  }
}

data "alicloud_apig_plugin_classes" "this" {
  ids            = [alicloud_apig_plugin_class.this.id]
  name_regex     = "^plugin-"
  type           = "Other"
  enable_details = true

  lifecycle {
    postcondition {
      condition     = self.classes[*].version == tolist(["1.0.2"])
      error_message = "got ${join(", ", self.classes[*].version)}"
    }
    postcondition {
      condition     = self.names == tolist(["plugin-class"])
      error_message = "got ${join(", ", self.names)}"
    }
    postcondition {
      condition     = self.classes[0].wasm_language == "TinyGo"
      error_message = "got ${self.classes[0].wasm_language}"
    }
  }
}
