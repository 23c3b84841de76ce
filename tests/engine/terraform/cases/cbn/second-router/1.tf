resource "alicloud_cen_instance" "this" {
  cen_instance_name = "second-router"
}

resource "alicloud_cen_transit_router" "first" {
  cen_id = alicloud_cen_instance.this.id
}

resource "alicloud_cen_transit_router" "second" {
  cen_id     = alicloud_cen_instance.this.id
  depends_on = [alicloud_cen_transit_router.first]
}
