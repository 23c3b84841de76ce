//go:build tools

// Package tofu pins OpenTofu, so that `go build` takes exactly the version that go.mod and go.sum name.
package tofu

import _ "github.com/opentofu/opentofu/cmd/tofu"
