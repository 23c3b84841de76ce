//go:build tools

// Package pulumi pins the Pulumi CLI, so that `go build` takes exactly the version that go.mod and go.sum name.
package pulumi

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
