resource "alicloud_vpc" "this" {
  vpc_name   = "group"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "group-renamed"
  description         = "of no endpoint"
  vpc_id              = alicloud_vpc.this.id
  inner_access_policy = "Accept"
  resource_group_id   = data.alicloud_resource_manager_resource_groups.this.ids[1]
  tags                = { owner = "networks" }
}

data "alicloud_resource_manager_resource_groups" "this" {}
