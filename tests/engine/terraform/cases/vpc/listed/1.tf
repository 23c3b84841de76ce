resource "alicloud_vpc" "this" {
  vpc_name   = "listed"
  cidr_block = "10.0.0.0/8"
  tags       = { listed = "yes" }
}

resource "alicloud_vswitch" "this" {
  count        = 2
  vpc_id       = alicloud_vpc.this.id
  zone_id      = "cn-beijing-h"
  cidr_block   = "10.0.${count.index}.0/24"
  vswitch_name = "listed-${count.index}"
}

data "alicloud_vpcs" "this" {
  name_regex     = "^listed$"
  cidr_block     = "10.0.0.0/8"
  status         = "Available"
  is_default     = false
  vswitch_id     = alicloud_vswitch.this[0].id
  tags           = { listed = "yes" }
  enable_details = true

  lifecycle {
    postcondition {
      condition     = self.ids == tolist([alicloud_vpc.this.id]) && self.vpcs[0].route_table_id == alicloud_vpc.this.route_table_id
      error_message = "the VPC is not listed"
    }
  }
}

data "alicloud_vswitches" "this" {
  vpc_id       = alicloud_vpc.this.id
  zone_id      = "cn-beijing-h"
  vswitch_name = "listed-1"
  is_default   = false
  depends_on   = [alicloud_vswitch.this]

  lifecycle {
    postcondition {
      condition     = self.ids == tolist([alicloud_vswitch.this[1].id]) && self.vswitches[0].available_ip_address_count == 251
      error_message = "the vSwitch is not listed"
    }
  }
}

data "alicloud_vpcs" "none" {
  is_default = true
  name_regex = "^listed$"
  depends_on = [alicloud_vpc.this]

  lifecycle {
    postcondition {
      condition     = length(self.ids) == 0
      error_message = "the VPC is no default one"
    }
  }
}
