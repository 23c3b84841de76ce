resource "alicloud_pvtz_zone" "this" {
  zone_name = "records.example"
}

resource "alicloud_pvtz_zone_record" "a" {
  zone_id        = alicloud_pvtz_zone.this.id
  rr             = "a"
  type           = "A"
  value          = "10.0.0.70"
  ttl            = 300
  remark         = "Another address"
  status         = "DISABLE"
  lang           = "zh"
  user_client_ip = "192.0.2.2"
}

resource "alicloud_pvtz_zone_record" "cname" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "www"
  type    = "A"
  value   = "10.0.0.10"
}

resource "alicloud_pvtz_zone_record" "wildcard" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "*.models"
  type    = "CNAME"
  value   = "b.records.example"
}

resource "alicloud_pvtz_zone_record" "apex" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "@"
  type    = "A"
  value   = "10.0.0.90"
}

resource "alicloud_pvtz_zone_record" "mx" {
  zone_id  = alicloud_pvtz_zone.this.id
  rr       = "@"
  type     = "MX"
  value    = "mail2.records.example"
  priority = 9
}

resource "alicloud_pvtz_zone_record" "txt" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "txt"
  type    = "TXT"
  value   = "v=spf1 +all"
}

resource "alicloud_pvtz_zone_record" "srv" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "_https._tcp"
  type    = "SRV"
  value   = "1 5 443 a.records.example"
}
