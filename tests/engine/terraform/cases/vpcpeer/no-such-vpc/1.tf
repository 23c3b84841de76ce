data "alicloud_account" "this" {}

resource "alicloud_vpc" "this" {
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vpc_peer_connection" "this" {
  vpc_id              = alicloud_vpc.this.id
  accepting_ali_uid   = data.alicloud_account.this.id
  accepting_region_id = "cn-shanghai"
  accepting_vpc_id    = "vpc-none"
}
