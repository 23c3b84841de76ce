# Another workspace, other tags.
resource "alicloud_pai_service" "this" {
  service_config = jsonencode({
    metadata     = { name = "tf_workspace", instance = 1, workspace_id = "4712" }
    workspace_id = "4712"
    labels       = {}
    cloud        = { computing = { instances = [{ type = "ecs.c7.large" }] } }
    containers   = [{ image = "registry.example.com/vllm:1", port = 8000 }]
  })
  workspace_id = "4712"
  tags = {
    Created = "TF-update"
  }

  lifecycle {
    postcondition {
      condition     = self.workspace_id == "4712" && length(self.tags) == 1
      error_message = "The service is in the other workspace, with the other tags."
    }
  }
}
