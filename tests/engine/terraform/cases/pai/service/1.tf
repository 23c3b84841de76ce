# Without tags and without a workspace the cloud returns the JSON as it was written.
resource "alicloud_pai_service" "this" {
  service_config = jsonencode({
    metadata   = { name = "tf_service", instance = 1 }
    cloud      = { computing = { instances = [{ type = "ecs.c7.large" }] } }
    containers = [{ image = "registry.example.com/vllm:1", port = 8000, command = "serve" }]
  })
  status = "Running"

  lifecycle {
    postcondition {
      condition     = self.region_id == "cn-beijing" && self.status == "Running"
      error_message = "The service runs in the region."
    }
  }
}
