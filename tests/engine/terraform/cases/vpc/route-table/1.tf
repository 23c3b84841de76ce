resource "alicloud_vpc" "this" {
  vpc_name = "route-table"
}

resource "alicloud_vswitch" "this" {
  vpc_id     = alicloud_vpc.this.id
  zone_id    = "cn-beijing-h"
  cidr_block = "172.16.1.0/24"
}

resource "alicloud_route_table" "this" {
  vpc_id           = alicloud_vpc.this.id
  route_table_name = "route-table"
  description      = "for one vSwitch"
  associate_type   = "VSwitch"
  tags             = { team = "models" }
}

resource "alicloud_route_table_attachment" "this" {
  route_table_id = alicloud_route_table.this.id
  vswitch_id     = alicloud_vswitch.this.id
}

data "alicloud_route_tables" "this" {
  vpc_id           = alicloud_vpc.this.id
  route_table_type = "Custom"
  tags             = { team = "models" }
  depends_on       = [alicloud_route_table_attachment.this]

  lifecycle {
    postcondition {
      condition     = self.tables[0].vswitch_ids == tolist([alicloud_vswitch.this.id])
      error_message = "the table is not attached"
    }
  }
}
