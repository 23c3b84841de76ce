// pulumi-resource-alicloud serves the bridged provider to the Pulumi engine.
//
// schema.json is what tfgen makes of bridge.go; after a change of bridge.go or of go.mod, in engine/alicloud:
//
//	go run ./cmd/tfgen schema --out cmd/pulumi-resource-alicloud
//
// Of the files that this writes only schema.json is needed.
package main

import (
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
