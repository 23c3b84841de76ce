data "alicloud_zones" "all" {}

data "alicloud_zones" "vswitch" {
  available_resource_creation = "VSwitch"
}

data "alicloud_zones" "instance" {
  available_resource_creation = "Instance"
  available_instance_type     = "ecs.n4.large"
  available_disk_category     = "cloud_ssd"
  instance_charge_type        = "PrePaid"
  network_type                = "Vpc"
  enable_details              = true

  lifecycle {
    postcondition {
      condition     = contains(self.zones[0].available_instance_types, "ecs.n4.large")
      error_message = "the zone does not offer the type"
    }
  }
}

data "alicloud_zones" "disk" {
  available_resource_creation = "Disk"
  spot_strategy               = "SpotAsPriceGo"
}

data "alicloud_zones" "slb" {
  available_resource_creation      = "Slb"
  available_slb_address_type       = "Vpc"
  available_slb_address_ip_version = "ipv4"

  lifecycle {
    postcondition {
      condition     = length(self.zones[0].slb_slave_zone_ids) > 0
      error_message = "the zone has no secondary zone"
    }
  }
}

data "alicloud_slb_zones" "this" {
  available_slb_address_type       = "vpc"
  available_slb_address_ip_version = "ipv4"
}

data "alicloud_nlb_zones" "this" {}

data "alicloud_regions" "this" {
  current = true

  lifecycle {
    postcondition {
      condition     = self.ids == tolist(["cn-beijing"])
      error_message = "got ${join(", ", self.ids)}"
    }
  }
}

resource "alicloud_vpc" "this" {
  vpc_name   = "zones"
  cidr_block = "10.0.0.0/8"
}

resource "alicloud_vswitch" "this" {
  for_each = toset([
    data.alicloud_zones.all.zones[0].id,
    data.alicloud_zones.vswitch.ids[1],
    data.alicloud_zones.slb.zones[2].slb_slave_zone_ids[0],
    data.alicloud_nlb_zones.this.zones[4].id,
    data.alicloud_slb_zones.this.zones[5].master_zone_id,
  ])
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = cidrsubnet("10.0.0.0/16", 8, index(data.alicloud_zones.vswitch.ids, each.key))
}
