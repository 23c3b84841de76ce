// pulumi-resource-alicloud serves the bridged provider to the Pulumi engine; `pulumi-resource-alicloud schema` writes its schema.
package main

import (
	"context"
	_ "embed"

	"dashlink/engine/alicloud"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

//go:embed schema.json
var schema []byte

func main() {
	info := alicloud.Provider()
	tfbridge.Main("alicloud", info.Version, info, schema)
}

var _ = context.Background
