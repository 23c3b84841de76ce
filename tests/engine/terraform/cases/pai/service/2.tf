# A changed value and a further key are merged into the JSON.
resource "alicloud_pai_service" "this" {
  service_config = jsonencode({
    metadata   = { name = "tf_service", instance = 2 }
    cloud      = { computing = { instances = [{ type = "ecs.c7.large" }] } }
    containers = [{ image = "registry.example.com/vllm:1", port = 8000, command = "serve" }]
    rpc        = { rate_limit = 5 }
  })
  status = "Running"
}
