provider "alicloud" {
  region = "eu-central-1"
}

data "alicloud_zones" "this" {
  available_resource_creation = "VSwitch"
}

resource "alicloud_vpc" "this" {
  vpc_name   = "another-region"
  cidr_block = "10.0.0.0/8"

  lifecycle {
    postcondition {
      condition     = self.region_id == "eu-central-1"
      error_message = "got ${self.region_id}"
    }
  }
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = data.alicloud_zones.this.ids[0]
  cidr_block = "10.0.1.0/24"
}

resource "alicloud_security_group" "this" {
  security_group_name = "another-region"
  vpc_id              = alicloud_vpc.this.id
}
