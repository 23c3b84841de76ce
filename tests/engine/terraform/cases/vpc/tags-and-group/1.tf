resource "alicloud_vpc" "this" {
  vpc_name          = "tags-and-group"
  cidr_block        = "10.0.0.0/8"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[0]
  tags              = { team = "models", empty = "" }
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.0.1.0/24"
  tags       = { team = "models" }
}

data "alicloud_resource_manager_resource_groups" "this" {}
