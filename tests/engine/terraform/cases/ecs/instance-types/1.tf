data "alicloud_instance_types" "this" {
  availability_zone = "cn-beijing-h"
  cpu_core_count    = 2
  memory_size       = 8

  lifecycle {
    postcondition {
      condition     = self.ids == tolist(["ecs.g7.large"])
      error_message = "got ${join(", ", self.ids)}"
    }
  }
}

data "alicloud_instance_types" "family" {
  instance_type_family = "ecs.sn1ne"
  sorted_by            = "CPU"

  lifecycle {
    postcondition {
      condition     = contains(self.instance_types[0].availability_zones, "cn-beijing-k")
      error_message = "the type is not offered in the zone"
    }
  }
}

data "alicloud_instance_type_families" "this" {
  generation = "ecs-6"
}
