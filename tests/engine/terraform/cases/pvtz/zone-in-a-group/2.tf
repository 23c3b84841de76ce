data "alicloud_resource_manager_resource_groups" "this" {}

resource "alicloud_pvtz_zone" "this" {
  zone_name         = "zone.example"
  remark            = "Names of networks"
  proxy_pattern     = "ZONE"
  lang              = "zh"
  user_client_ip    = "192.0.2.2"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[1]
  tags              = { team = "networks" }
}
