resource "alicloud_ecs_prefix_list" "this" {
  prefix_list_name = "prefix-list-ipv6"
  address_family   = "IPv6"
  max_entries      = 1
  entry {
    cidr        = "2001:db8::/32"
    description = "documentation"
  }
}
