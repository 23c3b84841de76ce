resource "alicloud_vpc" "this" {
  vpc_name          = "tags-and-group"
  cidr_block        = "10.0.0.0/8"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[1]
  tags              = { team = "networks" }
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.0.1.0/24"
}

data "alicloud_resource_manager_resource_groups" "this" {}
