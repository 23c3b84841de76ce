// tfgen writes the schema that the plugin embeds.
package main

import (
	"dashlink/engine/alicloud"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
)

func main() { tfgen.Main("alicloud", alicloud.Version, alicloud.Provider()) }
