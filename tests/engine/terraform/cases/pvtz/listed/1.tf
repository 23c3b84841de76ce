resource "alicloud_pvtz_zone" "this" {
  zone_name = "listed.example"
}

resource "alicloud_vpc" "this" {
  vpc_name   = "listed"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_pvtz_zone_attachment" "this" {
  zone_id = alicloud_pvtz_zone.this.id
  vpc_ids = [alicloud_vpc.this.id]
}

resource "alicloud_pvtz_zone_record" "this" {
  for_each = { www = "10.0.0.7", api = "10.0.0.8" }
  zone_id  = alicloud_pvtz_zone_attachment.this.zone_id
  rr       = each.key
  type     = "A"
  value    = each.value
  status   = each.key == "www" ? "ENABLE" : "DISABLE"
}

data "alicloud_resource_manager_resource_groups" "this" {}

data "alicloud_pvtz_service" "this" {
  enable = "On"
}

data "alicloud_pvtz_zones" "this" {
  ids               = [alicloud_pvtz_zone_attachment.this.zone_id]
  name_regex        = "^listed"
  keyword           = "listed.example"
  search_mode       = "EXACT"
  lang              = "en"
  query_vpc_id      = alicloud_vpc.this.id
  query_region_id   = "cn-beijing"
  resource_group_id = data.alicloud_resource_manager_resource_groups.this.ids[0]
  enable_details    = true

  lifecycle {
    postcondition {
      condition     = self.zones[0].bind_vpcs[0].vpc_id == alicloud_vpc.this.id
      error_message = "got zones ${jsonencode(self.zones)}"
    }
  }
}

data "alicloud_pvtz_zone_records" "this" {
  zone_id        = alicloud_pvtz_zone_record.this["www"].zone_id
  keyword        = "ww"
  search_mode    = "LIKE"
  status         = "ENABLE"
  lang           = "zh"
  user_client_ip = "192.0.2.1"

  lifecycle {
    postcondition {
      condition     = self.records[*].value == tolist(["10.0.0.7"])
      error_message = "got records ${jsonencode(self.records)}"
    }
  }
}
