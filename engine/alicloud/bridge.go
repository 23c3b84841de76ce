// Package alicloud bridges Alibaba Cloud's Terraform provider to Pulumi for machines that Pulumi's own plugin cannot reach.
//
// It maps the resources that dashlink and its neighbours use, each to the token that the Python SDK pulumi-alicloud asks for,
// and drops the rest: the schema stays small and the plugin starts fast.
package alicloud

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/aliyun/terraform-provider-alicloud/alicloud"
	"github.com/hashicorp/terraform-plugin-sdk/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv1 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v1"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// Version is what the plugin says of itself: the release of pulumi-alicloud whose resources it serves, as the engine
// compares it with what the Python SDK asks for, and the release of Alibaba Cloud's Terraform provider that is bridged.
const Version = "4.0.0+terraform.1.285.0"

// resources maps a Terraform resource to "<module>:<Type>" of the Python SDK.
var resources = map[string]string{
	"alicloud_vpc":                           "vpc:Network",
	"alicloud_vswitch":                       "vpc:Switch",
	"alicloud_security_group":                "ecs:SecurityGroup",
	"alicloud_security_group_rule":           "ecs:SecurityGroupRule",
	"alicloud_privatelink_vpc_endpoint":      "privatelink:VpcEndpoint",
	"alicloud_privatelink_vpc_endpoint_zone": "privatelink:VpcEndpointZone",
	"alicloud_pvtz_zone":                     "pvtz:Zone",
	"alicloud_pvtz_zone_attachment":          "pvtz:ZoneAttachment",
	"alicloud_pvtz_zone_record":              "pvtz:ZoneRecord",
	"alicloud_apig_gateway":                  "apig:Gateway",
	"alicloud_apig_environment":              "apig:Environment",

	"alicloud_cen_instance":                               "cen:Instance",
	"alicloud_cen_transit_router":                         "cen:TransitRouter",
	"alicloud_cen_transit_router_vpc_attachment":          "cen:TransitRouterVpcAttachment",
	"alicloud_cen_transit_router_peer_attachment":         "cen:TransitRouterPeerAttachment",
	"alicloud_cen_transit_router_route_table_association": "cen:TransitRouterRouteTableAssociation",
	"alicloud_cen_transit_router_route_table_propagation": "cen:TransitRouterRouteTablePropagation",
	"alicloud_vpc_peer_connection":                        "vpc:PeerConnection",
	"alicloud_route_entry":                                "vpc:RouteEntry",
	"alicloud_nat_gateway":                                "vpc:NatGateway",
	"alicloud_snat_entry":                                 "vpc:SnatEntry",
	"alicloud_eip_address":                                "ecs:EipAddress",
	"alicloud_eip_association":                            "ecs:EipAssociation",
}

// dataSources maps a Terraform data source to "<module>:<function>" of the Python SDK.
var dataSources = map[string]string{
	"alicloud_privatelink_vpc_endpoint_zones": "privatelink:getVpcEndpointZones",
	"alicloud_zones": "index:getZones",
	"alicloud_cen_transit_router_route_tables": "cen:getTransitRouterRouteTables",
}

// Provider is the bridged provider, as the plugin serves it and as its schema is written.
func Provider() tfbridge.ProviderInfo {
	upstream := alicloud.Provider().(*schema.Provider)
	keep(upstream.ResourcesMap, resources)
	keep(upstream.DataSourcesMap, dataSources)
	info := tfbridge.ProviderInfo{
		P:            shimv1.NewProvider(upstream),
		Name:         "alicloud",
		Version:      Version,
		Description:  "Alibaba Cloud's Terraform provider, bridged for dashlink.",
		License:      "Apache-2.0",
		GitHubOrg:    "aliyun",
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
	}
	for name, token := range resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type(fullToken(token))}
	}
	for name, token := range dataSources {
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(fullToken(token))}
	}
	return info
}

// fullToken turns "vpc:Network" into "alicloud:vpc/network:Network".
func fullToken(token string) string {
	module, member, _ := strings.Cut(token, ":")
	return fmt.Sprintf("alicloud:%s/%s:%s", module, lowerFirst(member), member)
}

func lowerFirst(name string) string {
	runes := []rune(name)
	runes[0] = unicode.ToLower(runes[0])
	return string(runes)
}

func keep(all map[string]*schema.Resource, wanted map[string]string) {
	for name := range all {
		if _, found := wanted[name]; !found {
			delete(all, name)
		}
	}
}
