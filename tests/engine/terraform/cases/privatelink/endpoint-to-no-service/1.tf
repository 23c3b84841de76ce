resource "alicloud_vpc" "this" {
  vpc_name   = "endpoint-to-no-service"
  cidr_block = "10.0.0.0/16"
}

resource "alicloud_security_group" "this" {
  count               = 1
  security_group_name = "endpoint-to-no-service"
  vpc_id              = alicloud_vpc.this.id
}

resource "alicloud_privatelink_vpc_endpoint" "this" {
  vpc_id             = alicloud_vpc.this.id
  service_id         = "epsrv-absent"
  security_group_ids = alicloud_security_group.this[*].id
}
