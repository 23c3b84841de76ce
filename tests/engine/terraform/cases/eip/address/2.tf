resource "alicloud_eip_address" "this" {
  address_name         = "second"
  description          = "another text"
  internet_charge_type = "PayByTraffic"
  payment_type         = "PayAsYouGo"
  bandwidth            = "200"
  deletion_protection  = false
  tags                 = { owner = "second" }

  lifecycle {
    postcondition {
      condition     = self.status == "Available" && can(cidrhost("${self.ip_address}/32", 0))
      error_message = "The EIP has no address."
    }
  }
}

resource "alicloud_eip_address" "defaults" {
  lifecycle {
    postcondition {
      condition     = self.bandwidth == "5" && self.internet_charge_type == "PayByBandwidth"
      error_message = "The EIP does not have the cloud's defaults."
    }
  }
}
