// tfgen writes schema.json, which the plugin embeds (cmd/pulumi-resource-alicloud/main.go says how).
package main

import (
	"dashlink/engine/alicloud"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
)

func main() { tfgen.Main("alicloud", alicloud.Version, alicloud.Provider()) }
