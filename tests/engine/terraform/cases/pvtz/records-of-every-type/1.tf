resource "alicloud_pvtz_zone" "this" {
  zone_name = "records.example"
}

resource "alicloud_pvtz_zone_record" "a" {
  zone_id        = alicloud_pvtz_zone.this.id
  rr             = "a"
  type           = "A"
  value          = "10.0.0.7"
  ttl            = 30
  remark         = "An address"
  status         = "ENABLE"
  lang           = "en"
  user_client_ip = "192.0.2.1"
}

resource "alicloud_pvtz_zone_record" "second" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "a"
  type    = "A"
  value   = "10.0.0.8"
}

resource "alicloud_pvtz_zone_record" "cname" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "www"
  type    = "CNAME"
  value   = "a.records.example"
}

resource "alicloud_pvtz_zone_record" "wildcard" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "*.models"
  type    = "CNAME"
  value   = "a.records.example"
}

resource "alicloud_pvtz_zone_record" "apex" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "@"
  type    = "A"
  value   = "10.0.0.9"
}

resource "alicloud_pvtz_zone_record" "mx" {
  zone_id  = alicloud_pvtz_zone.this.id
  rr       = "@"
  type     = "MX"
  value    = "mail.records.example"
  priority = 5
}

resource "alicloud_pvtz_zone_record" "txt" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "txt"
  type    = "TXT"
  value   = "v=spf1 -all"
}

resource "alicloud_pvtz_zone_record" "srv" {
  zone_id = alicloud_pvtz_zone.this.id
  rr      = "_http._tcp"
  type    = "SRV"
  value   = "0 5 80 a.records.example"
}
