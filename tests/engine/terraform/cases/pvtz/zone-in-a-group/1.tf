data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_pvtz_zone" "this" {
  zone_name         = "zone.example"
  remark            = "Names of models"
  proxy_pattern     = "RECORD"
  lang              = "en"
  user_client_ip    = "192.0.2.1"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[1]
  tags              = { team = "models", empty = "" }

  lifecycle {
    postcondition {
      condition     = !self.is_ptr && self.record_count == 0
      error_message = "got ${self.record_count} records"
    }
  }
}
