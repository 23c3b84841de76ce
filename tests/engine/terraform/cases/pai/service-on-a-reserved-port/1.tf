resource "alicloud_pai_service" "this" {
  service_config = jsonencode({
    metadata   = { name = "tf_port", instance = 1 }
    cloud      = { computing = { instances = [{ type = "ecs.c7.large" }] } }
    containers = [{ image = "registry.example.com/vllm:1", port = 8080 }]
  })
}
