resource "alicloud_vpc" "this" {
  vpc_name   = "nat-gateway"
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "10.20.1.0/24"
}

resource "alicloud_nat_gateway" "this" {
  vpc_id           = alicloud_vpc.this.id
  vswitch_id       = alicloud_vswitch.this.id
  nat_gateway_name = "second"
  description      = "another text"
  nat_type         = "Enhanced"
  payment_type     = "PayAsYouGo"
  eip_bind_mode    = "NAT"
  tags             = { owner = "second" }

  lifecycle {
    postcondition {
      condition     = self.status == "Available" && self.network_type == "internet"
      error_message = "The gateway is not an available one of the internet."
    }
    postcondition {
      condition     = startswith(self.snat_table_ids, "stb-") && self.internet_charge_type == "PayByLcu"
      error_message = "The gateway has no SNAT table, or another way of charging."
    }
  }
}
