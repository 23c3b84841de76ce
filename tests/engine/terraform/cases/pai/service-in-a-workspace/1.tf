# The cloud adds the workspace twice, and labels: who does not write them has a diff for ever.
resource "alicloud_pai_service" "this" {
  service_config = jsonencode({
    metadata     = { name = "tf_workspace", instance = 1, workspace_id = "4711" }
    workspace_id = "4711"
    labels       = {}
    cloud        = { computing = { instances = [{ type = "ecs.c7.large" }] } }
    containers   = [{ image = "registry.example.com/vllm:1", port = 8000 }]
  })
  workspace_id = "4711"
  tags = {
    Created = "TF"
    For     = "Test"
  }
}
