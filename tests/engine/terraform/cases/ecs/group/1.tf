resource "alicloud_vpc" "this" {
  vpc_name   = "group"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_security_group" "this" {
  security_group_name = "group"
  description         = "of the endpoint"
  vpc_id              = alicloud_vpc.this.id
  inner_access_policy = "Drop"
  resource_group_id   = data.alicloud_resource_manager_resource_groups.this.ids[0]
  tags                = { team = "models" }
}

data "alicloud_resource_manager_resource_groups" "this" {}
