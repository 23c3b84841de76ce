# What the stack `sandbox` declares, written for Terraform's own alicloud provider.
terraform {
  required_providers {
    alicloud = { source = "aliyun/alicloud" }
  }
}

provider "alicloud" {
  region = "cn-beijing"
}

locals {
  vswitches = {
    "cn-beijing-h" = "10.20.112.0/20"
    "cn-beijing-k" = "10.20.160.0/20"
  }
  private_zone = "vpc-cn-beijing.dashscope.aliyuncs.com"
}

resource "alicloud_vpc" "models" {
  vpc_name   = "terraform-models"
  cidr_block = "10.20.0.0/16"
}

resource "alicloud_vswitch" "models" {
  for_each     = local.vswitches
  vpc_id       = alicloud_vpc.models.id
  zone_id      = each.key
  cidr_block   = each.value
  vswitch_name = "terraform-models-${each.key}"
}

resource "alicloud_security_group" "models" {
  security_group_name = "terraform-models"
  vpc_id              = alicloud_vpc.models.id
}

resource "alicloud_security_group_rule" "ingress" {
  for_each          = toset(["80", "443"])
  security_group_id = alicloud_security_group.models.id
  type              = "ingress"
  ip_protocol       = "tcp"
  nic_type          = "intranet"
  policy            = "accept"
  port_range        = "${each.key}/${each.key}"
  priority          = 1
  cidr_ip           = alicloud_vpc.models.cidr_block
}

resource "alicloud_privatelink_vpc_endpoint" "dashscope" {
  vpc_endpoint_name  = "terraform-models"
  vpc_id             = alicloud_vpc.models.id
  service_name       = "com.aliyuncs.dashscope"
  security_group_ids = [alicloud_security_group.models.id]
}

resource "alicloud_privatelink_vpc_endpoint_zone" "dashscope" {
  for_each    = alicloud_vswitch.models
  endpoint_id = alicloud_privatelink_vpc_endpoint.dashscope.id
  vswitch_id  = each.value.id
  zone_id     = each.key
}

resource "alicloud_pvtz_zone" "dashscope" {
  zone_name = local.private_zone
}

resource "alicloud_pvtz_zone_record" "dashscope" {
  zone_id = alicloud_pvtz_zone.dashscope.id
  rr      = "@"
  type    = "CNAME"
  value   = alicloud_privatelink_vpc_endpoint.dashscope.endpoint_domain
  ttl     = 60
}

resource "alicloud_pvtz_zone_attachment" "dashscope" {
  zone_id = alicloud_pvtz_zone.dashscope.id
  vpcs { vpc_id = alicloud_vpc.models.id }
}

output "private_domain" {
  value = alicloud_pvtz_zone.dashscope.zone_name
}
