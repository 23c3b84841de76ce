resource "alicloud_ecs_prefix_list" "this" {
  prefix_list_name = "prefix-list-of-another-family"
  address_family   = "IPv6"
  max_entries      = 1
  entry {
    cidr        = "10.0.0.0/8"
    description = "IPv4"
  }
}
