resource "alicloud_vpc" "this" {
  vpc_name   = "way-out"
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { cn-beijing-h = "10.20.1.0/24", cn-beijing-k = "10.20.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_nat_gateway" "this" {
  vpc_id               = alicloud_vpc.this.id
  vswitch_id           = alicloud_vswitch.this["cn-beijing-h"].id
  nat_type             = "Enhanced"
  network_type         = "internet"
  payment_type         = "PayAsYouGo"
  internet_charge_type = "PayByLcu"
}

resource "alicloud_eip_address" "this" {
  internet_charge_type = "PayByTraffic"
  bandwidth            = "20"
}

resource "alicloud_eip_association" "this" {
  allocation_id = alicloud_eip_address.this.id
  instance_id   = alicloud_nat_gateway.this.id
  instance_type = "Nat"
}

resource "alicloud_snat_entry" "vswitch" {
  snat_table_id     = alicloud_nat_gateway.this.snat_table_ids
  source_vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
  snat_ip           = alicloud_eip_address.this.ip_address
  depends_on        = [alicloud_eip_association.this]

  lifecycle {
    postcondition {
      condition     = self.source_cidr == "10.20.1.0/24" && self.status == "Available"
      error_message = "The entry does not have the block of its vSwitch."
    }
  }
}

resource "alicloud_snat_entry" "block" {
  snat_table_id   = alicloud_nat_gateway.this.snat_table_ids
  source_cidr     = "10.20.2.0/25"
  snat_ip         = alicloud_eip_address.this.ip_address
  snat_entry_name = "first"
  depends_on      = [alicloud_eip_association.this]
}

data "alicloud_route_entries" "this" {
  route_table_id = alicloud_vpc.this.route_table_id
  cidr_block     = "0.0.0.0/0"
  depends_on     = [alicloud_nat_gateway.this]

  lifecycle {
    postcondition {
      condition     = one(self.entries).next_hop_type == "NatGateway"
      error_message = "The VPC has no default route to the gateway."
    }
  }
}
