"""APIG 2024-03-27, ROA style: gateways, services, APIs, domains, consumers, policies, plugins.

One file per resource; rules.py validates what http_apis.py stores, answers.py has the response
envelope and the helpers that all share.
"""

from __future__ import annotations

from dashlink_sandbox.services.apig import (
    ai_services,
    consumers,
    domains,
    environments,
    gateways,
    http_apis,
    log_fields,
    plugin_classes,
    policies,
    tags,
)
from dashlink_sandbox.services.apig.answers import in_apig_codes
from dashlink_sandbox.services.apig.dry_runs import with_dry_run
from dashlink_sandbox.services.apig.fields import with_fields
from dashlink_sandbox.services.base import Handler, Service
from dashlink_sandbox.wire.routes import Routes

_ACTIONS: dict[str, tuple[str, Handler]] = {
    "CreateGateway": ("POST /v1/gateways", gateways.create),
    "GetGateway": ("GET /v1/gateways/{gatewayId}", gateways.describe),
    "ListGateways": ("GET /v1/gateways", gateways.list_gateways),
    "UpdateGatewayName": ("PUT /v1/gateways/{gatewayId}/name", gateways.rename),
    "UpdateNetworkAccess": ("POST /v1/gateways/{gatewayId}/network-type", gateways.change_network),
    "UpdateGatewayMaintenancePeriod": (
        "POST /v1/gateways/{gatewayId}/maintenance-period",
        gateways.change_maintenance,
    ),
    "RestartGateway": ("POST /v1/gateways/{gatewayId}/restart", gateways.restart),
    "ListGatewayFeatures": (
        "GET /v1/gateways/{gatewayId}/gateway-features",
        gateways.list_features,
    ),
    "UpdateGatewayFeature": (
        "PUT /v1/gateways/{gatewayId}/gateway-features/{name}",
        gateways.change_feature,
    ),
    "DeleteGateway": ("DELETE /v1/gateways/{gatewayId}", gateways.delete),
    "CreateEnvironment": ("POST /v1/environments", environments.create),
    "GetEnvironment": ("GET /v1/environments/{environmentId}", environments.describe),
    "ListEnvironments": ("GET /v1/environments", environments.list_environments),
    "UpdateEnvironment": ("PUT /v1/environments/{environmentId}", environments.update),
    "DeleteEnvironment": ("DELETE /v1/environments/{environmentId}", environments.delete),
    "CreateService": ("POST /v1/services", ai_services.create),
    "GetService": ("GET /v1/services/{serviceId}", ai_services.describe),
    "ListServices": ("GET /v1/services", ai_services.list_services),
    "UpdateService": ("PUT /v1/services/{serviceId}", ai_services.update),
    "DeleteService": ("DELETE /v1/services/{serviceId}", ai_services.delete),
    "CreateHttpApi": ("POST /v1/http-apis", http_apis.create),
    "GetHttpApi": ("GET /v1/http-apis/{httpApiId}", http_apis.describe),
    "ListHttpApis": ("GET /v1/http-apis", http_apis.list_apis),
    "UpdateHttpApi": ("PUT /v1/http-apis/{httpApiId}", http_apis.update),
    "DeleteHttpApi": ("DELETE /v1/http-apis/{httpApiId}", http_apis.delete),
    "DeployHttpApi": ("POST /v1/http-apis/{httpApiId}/deploy", http_apis.deploy),
    "UndeployHttpApi": ("POST /v1/http-apis/{httpApiId}/undeploy", http_apis.undeploy),
    "CreateHttpApiRoute": ("POST /v1/http-apis/{httpApiId}/routes", http_apis.create_route),
    "ListHttpApiRoutes": ("GET /v1/http-apis/{httpApiId}/routes", http_apis.list_routes),
    "GetHttpApiRoute": ("GET /v1/http-apis/{httpApiId}/routes/{routeId}", http_apis.describe_route),
    "DeleteHttpApiRoute": (
        "DELETE /v1/http-apis/{httpApiId}/routes/{routeId}",
        http_apis.delete_route,
    ),
    "GetApiPathFieldConfig": ("GET /v1/api-path-fields/configs", log_fields.describe),
    "CreateDomain": ("POST /v1/domains", domains.create),
    "GetDomain": ("GET /v1/domains/{domainId}", domains.describe),
    "ListDomains": ("GET /v1/domains", domains.list_domains),
    "UpdateDomain": ("PUT /v1/domains/{domainId}", domains.update),
    "DeleteDomain": ("DELETE /v1/domains/{domainId}", domains.delete),
    "CreateConsumer": ("POST /v1/consumers", consumers.create),
    "GetConsumer": ("GET /v1/consumers/{consumerId}", consumers.describe),
    "ListConsumers": ("GET /v1/consumers", consumers.list_consumers),
    "UpdateConsumer": ("PUT /v1/consumers/{consumerId}", consumers.update),
    "DeleteConsumer": ("DELETE /v1/consumers/{consumerId}", consumers.delete),
    "CreateConsumerAuthorizationRules": ("POST /v1/authorization-rules", consumers.authorize),
    "QueryConsumerAuthorizationRules": ("GET /v1/authorization-rules", consumers.query_rules),
    "BatchDeleteConsumerAuthorizationRule": (
        "DELETE /v1/authorization-rules",
        consumers.remove_rules,
    ),
    "RemoveConsumerAuthorizationRule": (
        "DELETE /v1/authorization-rules/{consumerAuthorizationRuleId}",
        consumers.remove_rule,
    ),
    "CreatePolicy": ("POST /v2/policies", policies.create),
    "GetPolicy": ("GET /v2/policies/{policyId}", policies.describe),
    "ListPolicies": ("GET /v1/policies", policies.list_policies),
    "UpdatePolicy": ("PUT /v2/policies/{policyId}", policies.update),
    "DeletePolicy": ("DELETE /v2/policies/{policyId}", policies.delete),
    "CreatePolicyAttachment": ("POST /v1/policy-attachments", policies.attach),
    "GetPolicyAttachment": (
        "GET /v1/policy-attachments/{policyAttachmentId}",
        policies.describe_attachment,
    ),
    "DeletePolicyAttachment": (
        "DELETE /v1/policy-attachments/{policyAttachmentId}",
        policies.detach,
    ),
    "CreatePluginClass": ("POST /v1/plugin-classes", plugin_classes.create),
    "GetPluginClass": ("GET /v1/plugin-classes/{pluginClassId}", plugin_classes.describe),
    "ListPluginClasses": ("GET /v1/plugin-classes", plugin_classes.list_classes),
    "DeletePluginClass": ("DELETE /v1/plugin-classes/{pluginClassId}", plugin_classes.delete),
    "TagResources": ("POST /v1/tags", tags.tag),
    "UntagResources": ("DELETE /v1/tags", tags.untag),
    "ListTagResources": ("GET /v1/tags", tags.list_tags),
    "ChangeResourceGroup": ("POST /move-resource-group", tags.move),
}

SERVICE = Service(
    "APIG",
    "2024-03-27",
    {
        action: in_apig_codes(with_fields(action, route, with_dry_run(action, handler)))
        for action, (route, handler) in _ACTIONS.items()
    },
    Routes({route: action for action, (route, _) in _ACTIONS.items()}),
)
