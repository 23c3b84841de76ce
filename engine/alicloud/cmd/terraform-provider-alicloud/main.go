// terraform-provider-alicloud is Terraform's own alicloud provider, from the modules that the Pulumi plugin is bridged from.
package main

import (
	"github.com/aliyun/terraform-provider-alicloud/alicloud"
	"github.com/hashicorp/terraform-plugin-sdk/plugin"
)

func main() {
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: alicloud.Provider})
}
