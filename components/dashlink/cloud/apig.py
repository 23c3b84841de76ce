"""The API of AI gateways (APIG 2024-03-27): JSON in and out, one method for each action.

A resource that does not exist is None. Creations carry a client token, so that a repeated one
creates nothing twice (the cloud keeps tokens for about 24 h).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi, path_of, without_none
from dashlink.cloud.words import GATEWAY_TYPE, GATEWAY_TYPES, PRODUCT, SERVICE_SOURCE
from dashlink.errors import CloudError

_PAGE_SIZE = 100
# terraform-provider-alicloud v1.285.0 expects these, the last in resource_alicloud_apig_http_api.go
# (2026-08); NotFound codes are recognised by their form.
_GONE = (
    "NotFound.GatewayNotFound",
    "Conflict.GatewayIsDeleted",
    "DatabaseError.RecordNotFound",
    "Error.DatabaseError.RecordNotFound",
)

# HiMarket, APIGOperator (2026-06): Conflict.ConsumerAuthorizationForbidden.
_AUTHORIZED_ALREADY = "Conflict.ConsumerAuthorization"

ResourceType = Literal["Service", "HttpApi", "Domain"]
"""Types of resources that have a resource group (terraform-provider-alicloud, 2026-08)."""


def is_gone(code: str) -> bool:
    """Return whether an error code means that the resource does not exist."""
    return code in _GONE or code.startswith("NotFound.")


class ApigApi:
    """The AI gateways of one account and region; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure the client."""
        self._api = OpenApi(account, "apig")

    def gateway(self, gateway_id: str) -> Json | None:
        """GetGateway."""
        return self._get("read the gateway", "GetGateway", "gateways", gateway_id)

    def change_network_access(self, gateway_id: str, access: str) -> None:
        """UpdateNetworkAccess: continues in the background."""
        path = path_of("v1", "gateways", gateway_id, "network-type")
        purpose = "change the network access of the gateway"
        query = {"networkAccessType": access}
        self._send(purpose, "UpdateNetworkAccess", "POST", path, query=query)

    def gateways(self) -> Iterator[Json]:
        """List the AI gateways of the account (ListGateways)."""
        filters = {"gatewayType": GATEWAY_TYPE}
        return self._pages("list the gateways", "ListGateways", "gateways", filters)

    # -- AI services ---------------------------------------------------------------------------

    def service(self, service_id: str) -> Json | None:
        """GetService."""
        return self._get("read the AI service", "GetService", "services", service_id)

    def services(self, gateway_id: str) -> Iterator[Json]:
        """List the AI services of a gateway (ListServices)."""
        filters = {"gatewayId": gateway_id, "sourceType": SERVICE_SOURCE}
        return self._pages("list the AI services", "ListServices", "services", filters)

    def service_named(self, gateway_id: str, name: str) -> Json | None:
        """Return the service of a gateway by its exact name.

        ListServices also returns similar names.
        """
        filters = {"gatewayId": gateway_id, "name": name}
        rows = self._pages("look for the AI service", "ListServices", "services", filters)
        return _named(rows, name)

    def create_service(
        self, gateway_id: str, config: Mapping[str, Any], group: str | None, token: str
    ) -> str:
        """CreateService with one service of type AI; returns its id."""
        body = {
            "gatewayId": gateway_id,
            "sourceType": SERVICE_SOURCE,
            "serviceConfigs": [config],
            "resourceGroupId": group,
        }
        purpose = "create the AI service"
        data = self._create(purpose, "CreateService", "services", without_none(body), token)
        return str(data["serviceIds"][0])

    def update_service(self, service_id: str, body: Mapping[str, Any]) -> None:
        """UpdateService."""
        self._update("update the AI service", "UpdateService", "services", service_id, body)

    def delete_service(self, service_id: str) -> None:
        """DeleteService."""
        self._delete("delete the AI service", "DeleteService", "services", service_id)

    # -- Model APIs ----------------------------------------------------------------------------

    def model_api(self, api_id: str) -> Json | None:
        """GetHttpApi."""
        return self._get("read the Model API", "GetHttpApi", "http-apis", api_id)

    def apis(self) -> Iterator[Json]:
        """List the APIs of every gateway: their names are unique in the account."""
        for gateway_type in GATEWAY_TYPES:
            yield from self.model_apis(gateway_type=gateway_type)

    def model_apis(
        self, name: str | None = None, *, gateway_type: str = GATEWAY_TYPE
    ) -> Iterator[Json]:
        """List the APIs of AI gateways, of every type and version (ListHttpApis)."""
        filters = {"gatewayType": gateway_type, "name": name}
        for row in self._pages("list the APIs", "ListHttpApis", "http-apis", filters):
            for version in row.get("versionedHttpApis") or ():
                yield {"gatewayId": row.get("GatewayId"), "type": row.get("type"), **version}

    def create_model_api(self, body: Mapping[str, Any], token: str) -> str:
        """CreateHttpApi; returns the API's id."""
        data = self._create("create the Model API", "CreateHttpApi", "http-apis", body, token)
        return str(data["httpApiId"])

    def update_model_api(self, api_id: str, body: Mapping[str, Any]) -> None:
        """UpdateHttpApi."""
        self._update("update the Model API", "UpdateHttpApi", "http-apis", api_id, body)

    def try_model_api(self, body: Mapping[str, Any]) -> str | None:
        """CreateHttpApi as a dry run; returns the id in the answer, if there is one."""
        path = path_of("v1", "http-apis")
        purpose = "create the Model API"
        data = self._send(purpose, "CreateHttpApi", "POST", path, body={**body, "dryRun": True})
        return data.get("httpApiId")

    def try_model_api_update(self, api_id: str, body: Mapping[str, Any]) -> None:
        """UpdateHttpApi as a dry run."""
        path = path_of("v1", "http-apis", api_id)
        purpose = "update the Model API"
        query = {"dryRun": "true"}
        self._send(purpose, "UpdateHttpApi", "PUT", path, query=query, body=body)

    def log_fields(self, api_id: str, gateway_id: str) -> list[Json]:
        """Return the log fields of an API by its paths (GetApiPathFieldConfig)."""
        path = path_of("v1", "api-path-fields", "configs")
        query = {"gatewayId": gateway_id, "httpApiId": api_id}
        purpose = "read the log fields of the Model API"
        data = self._send(purpose, "GetApiPathFieldConfig", "GET", path, query=query)
        return list(data.get("pathConfigs") or ())

    def model_api_routes(self, api_id: str, gateway_id: str) -> Iterator[Json]:
        """List the routes of an API, the built-in ones among them (ListHttpApiRoutes)."""
        path = f"http-apis/{api_id}/routes"
        filters = {"gatewayId": gateway_id}
        return self._pages("list the API's routes", "ListHttpApiRoutes", path, filters)

    def undeploy_model_api(self, api_id: str, gateway_id: str, environment_id: str) -> None:
        """UndeployHttpApi; no error if the API does not exist."""
        path = path_of("v1", "http-apis", api_id, "undeploy")
        body = {"environmentId": environment_id, "gatewayId": gateway_id}
        self._send_if_exists("undeploy the Model API", "UndeployHttpApi", "POST", path, body)

    def delete_model_api(self, api_id: str) -> None:
        """DeleteHttpApi."""
        self._delete("delete the Model API", "DeleteHttpApi", "http-apis", api_id)

    # -- domains, consumers, authorizations ----------------------------------------------------

    def domain(self, domain_id: str) -> Json | None:
        """GetDomain."""
        return self._get("read the domain", "GetDomain", "domains", domain_id)

    def domain_named(self, name: str) -> Json | None:
        """Return the domain of AI gateways by its exact name.

        ListDomains also returns similar names.
        """
        filters = {"gatewayType": GATEWAY_TYPE, "nameLike": name}
        return _named(self._pages("look for the domain", "ListDomains", "domains", filters), name)

    def create_domain(self, body: Mapping[str, Any], token: str) -> str:
        """CreateDomain; returns the domain's id."""
        data = self._create("create the domain", "CreateDomain", "domains", body, token)
        return str(data["domainId"])

    def update_domain(self, domain_id: str, body: Mapping[str, Any]) -> None:
        """UpdateDomain."""
        self._update("update the domain", "UpdateDomain", "domains", domain_id, body)

    def delete_domain(self, domain_id: str) -> None:
        """DeleteDomain."""
        self._delete("delete the domain", "DeleteDomain", "domains", domain_id)

    def consumer(self, consumer_id: str) -> Json | None:
        """GetConsumer."""
        return self._get("read the consumer", "GetConsumer", "consumers", consumer_id)

    def consumer_named(self, name: str) -> Json | None:
        """Return the consumer of AI gateways by its exact name.

        ListConsumers also returns similar names.
        """
        return _named(self.consumers_named_like(name), name)

    def create_consumer(self, body: Mapping[str, Any], token: str) -> str:
        """CreateConsumer; returns the consumer's id."""
        data = self._create("create the consumer", "CreateConsumer", "consumers", body, token)
        return str(data["consumerId"])

    def update_consumer(self, consumer_id: str, body: Mapping[str, Any]) -> None:
        """UpdateConsumer."""
        self._update("update the consumer", "UpdateConsumer", "consumers", consumer_id, body)

    def delete_consumer(self, consumer_id: str) -> None:
        """DeleteConsumer."""
        self._delete("delete the consumer", "DeleteConsumer", "consumers", consumer_id)

    def consumers_named_like(self, name: str) -> Iterator[Json]:
        """List the consumers of AI gateways whose names contain `name` (ListConsumers)."""
        filters = {"gatewayType": GATEWAY_TYPE, "nameLike": name}
        return self._pages("look for the consumer", "ListConsumers", "consumers", filters)

    def authorizations(
        self,
        *,
        consumer_id: str | None = None,
        api_id: str | None = None,
        environment_id: str | None = None,
    ) -> list[Json]:
        """Return the authorization rules of a consumer or on an API; none if it does not exist.

        QueryConsumerAuthorizationRules; one of `consumer_id` and `api_id` is required (SDK 11.6.0).
        """
        filters = {
            "consumerId": consumer_id,
            "resourceId": api_id,
            "environmentId": environment_id,
        }
        action = "QueryConsumerAuthorizationRules"
        rows = self._pages("look for authorizations", action, "authorization-rules", filters)
        try:
            return list(rows)
        except CloudError as error:
            if is_gone(error.code):
                return []
            raise

    def authorize(self, rules: Sequence[Mapping[str, Any]]) -> bool:
        """CreateConsumerAuthorizationRules; False if the cloud refuses a rule that exists already.

        The action takes no client token: look for equal rules first.
        """
        action = "CreateConsumerAuthorizationRules"
        path = path_of("v1", "authorization-rules")
        body = {"authorizationRules": list(rules)}
        try:
            self._send("authorize consumers", action, "POST", path, body=body)
        except CloudError as error:
            if error.code.startswith(_AUTHORIZED_ALREADY):
                return False
            raise
        return True

    def withdraw(self, rule_ids: Sequence[str]) -> None:
        """BatchDeleteConsumerAuthorizationRule; where one is gone, each rule by itself."""
        action = "BatchDeleteConsumerAuthorizationRule"
        path = path_of("v1", "authorization-rules")
        query = {"consumerAuthorizationRuleIds": ",".join(rule_ids)}
        try:
            self._send("remove authorizations", action, "DELETE", path, query=query)
        except CloudError as error:
            if not is_gone(error.code):
                raise
            for rule_id in rule_ids:
                self._withdraw_one(rule_id)

    def _withdraw_one(self, rule_id: str) -> None:
        action = "RemoveConsumerAuthorizationRule"
        self._delete("remove the authorization", action, "authorization-rules", rule_id)

    def move(self, resource_type: ResourceType, resource_id: str, group: str) -> None:
        """Move a resource to a resource group (ChangeResourceGroup).

        The type is case-sensitive and must be the resource's (SDK 11.6.0).
        """
        query = {
            "ResourceGroupId": group,
            "ResourceId": resource_id,
            "ResourceType": resource_type,
            "Service": PRODUCT,
        }
        purpose = f"move {resource_id} to the resource group {group}"
        self._send(purpose, "ChangeResourceGroup", "POST", "/move-resource-group", query=query)

    # -- requests ------------------------------------------------------------------------------

    def _get(self, purpose: str, action: str, collection: str, resource_id: str) -> Json | None:
        return self._send_if_exists(purpose, action, "GET", path_of("v1", collection, resource_id))

    def _create(
        self, purpose: str, action: str, collection: str, body: Mapping[str, Any], token: str
    ) -> Json:
        path = path_of("v1", collection)
        return self._send(purpose, action, "POST", path, query={"clientToken": token}, body=body)

    def _update(
        self, purpose: str, action: str, collection: str, resource_id: str, body: Mapping[str, Any]
    ) -> None:
        self._send(purpose, action, "PUT", path_of("v1", collection, resource_id), body=body)

    def _delete(self, purpose: str, action: str, collection: str, resource_id: str) -> None:
        self._send_if_exists(purpose, action, "DELETE", path_of("v1", collection, resource_id))

    def _pages(
        self, purpose: str, action: str, collection: str, filters: Mapping[str, Any]
    ) -> Iterator[Json]:
        number = 1
        count = 0
        while True:
            query = {"pageNumber": number, "pageSize": _PAGE_SIZE, **filters}
            path = path_of("v1", *collection.split("/"))
            data = self._send(purpose, action, "GET", path, query=query)
            items = data.get("items") or []
            yield from items
            count += len(items)
            if not items or count >= int(data.get("totalSize") or 0):
                return
            number += 1

    def _send_if_exists(
        self, purpose: str, action: str, method: str, path: str, body: Json | None = None
    ) -> Json | None:
        try:
            return self._send(purpose, action, method, path, body=body)
        except CloudError as error:
            if is_gone(error.code):
                return None
            raise

    def _send(
        self,
        purpose: str,
        action: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Json:
        """Return the `data` of the response, empty where it has none."""
        answer = self._api.roa(purpose, action, method, path, query=query, body=body)
        return dict(answer.get("data") or {})


def _named(rows: Iterator[Json], name: str) -> Json | None:
    for row in rows:
        if row.get("name") == name:
            return row
    return None
