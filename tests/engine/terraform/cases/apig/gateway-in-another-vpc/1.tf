resource "alicloud_vpc" "this" {
  vpc_name   = "gateway-in-another-vpc"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_vswitch" "this" {
  for_each   = { "cn-beijing-h" = "10.0.1.0/24", "cn-beijing-k" = "10.0.2.0/24" }
  vpc_id     = alicloud_vpc.this.id
  zone_id    = each.key
  cidr_block = each.value
}

resource "alicloud_vpc" "another" {
  vpc_name   = "gateway-in-another-vpc-another"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_apig_gateway" "this" {
  gateway_name = "gateway-in-another-vpc"
  payment_type = "PayAsYouGo"

  vpc {
    vpc_id = alicloud_vpc.another.id
  }
  vswitch {
    vswitch_id = alicloud_vswitch.this["cn-beijing-h"].id
  }
  zone_config {
    select_option = "Auto"
  }
  network_access_config {
    type = "Intranet"
  }
}
