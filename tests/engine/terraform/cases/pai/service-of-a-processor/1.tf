# As the provider's acceptance test writes it: cores and memory, and another spelling of a key.
resource "alicloud_pai_service" "this" {
  develop = "false"
  service_config = jsonencode({
    metadata = {
      name     = "tf_processor"
      instance = 1
      cpu      = 1
      memory   = 2000
      rpc      = { keepalive = 70000 }
    }
    model_path      = "http://example.com/echo_processor_release.tar.gz"
    processor_entry = "libecho.so"
    processor_path  = "http://example.com/echo_processor_release.tar.gz"
    processor_type  = "cpp"
  })
}
