"""The AI gateway's API by its official SDK (APIG 2024-03-27): plain JSON in and out, one method for each request.

Every request is tried again where that can help (`dashlink.cloud.retry`); "not there" is None. Creations carry a
client token, so that a repeated one makes nothing twice (the cloud keeps tokens for about 24 h).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from dashlink.cloud import clients
from dashlink.cloud.credentials import Account
from dashlink.cloud.retry import call
from dashlink.errors import CloudError

_PAGE = 100
_VERSION = "2024-03-27"
_JSON = dict[str, Any]
# terraform-provider-alicloud v1.285.0 knows the first three; the others are by their form.
_GONE = ("NotFound.GatewayNotFound", "Conflict.GatewayIsDeleted", "DatabaseError.RecordNotFound")


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` without what is None."""
    return {name: value for name, value in values.items() if value is not None}


def is_gone(code: str) -> bool:
    """Whether an error's code says that a thing is not there."""
    return code in _GONE or code.startswith("NotFound.")


class ApigApi:
    """The gateway's API of one account.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Make the SDK's client; threads may share it."""
        from alibabacloud_apig20240327 import models  # noqa: PLC0415 - large

        self._client = clients.apig(account)
        self._models: Any = models

    def gateway(self, gateway_id: str) -> _JSON | None:
        """GetGateway."""
        return self._found("read the gateway", partial(self._client.get_gateway, gateway_id))

    # -- AI services ---------------------------------------------------------------------------------------------------

    def service(self, service_id: str) -> _JSON | None:
        """GetService."""
        return self._found("read the AI service", partial(self._client.get_service, service_id))

    def service_named(self, gateway_id: str, name: str) -> _JSON | None:
        """The service of a gateway by its name (ListServices, which may also give likely names)."""
        rows = self._pages(
            "look for the AI service",
            self._client.list_services,
            "ListServicesRequest",
            gateway_id=gateway_id,
            name=name,
        )
        return next((row for row in rows if row.get("name") == name), None)

    def create_service(
        self, gateway_id: str, config: Mapping[str, Any], group: str | None, token: str
    ) -> str:
        """CreateService with one service of type AI; its id."""
        body = {
            "gatewayId": gateway_id,
            "sourceType": "AI",
            "serviceConfigs": [config],
            "resourceGroupId": group,
        }
        data = self._send(
            "create the AI service", "CreateService", "POST", "services", without_none(body), token
        )
        return str(data["serviceIds"][0])

    def update_service(self, service_id: str, body: Mapping[str, Any]) -> None:
        """UpdateService."""
        self._send(
            "update the AI service", "UpdateService", "PUT", f"services/{_quoted(service_id)}", body
        )

    def delete_service(self, service_id: str) -> None:
        """DeleteService."""
        self._gone("delete the AI service", partial(self._client.delete_service, service_id))

    # -- Model APIs ----------------------------------------------------------------------------------------------------

    def model_api(self, api_id: str) -> _JSON | None:
        """GetHttpApi."""
        return self._found(
            "read the Model API", self._plain("GetHttpApi", "GET", f"http-apis/{_quoted(api_id)}")
        )

    def model_apis(self, name: str | None = None) -> Iterator[_JSON]:
        """Every API of the account, of whatever type, by ListHttpApis: one of each version."""

        def page(request: Any) -> Any:
            return self._plain("ListHttpApis", "GET", "http-apis", query=request.to_map())()

        for row in self._pages("list the APIs", page, "ListHttpApisRequest", name=name):
            for version in row.get("versionedHttpApis") or ():
                told = {key: value for key, value in version.items() if value is not None}
                yield {"gatewayId": row.get("GatewayId"), "type": row.get("type"), **told}

    def create_model_api(self, body: Mapping[str, Any], token: str) -> str:
        """CreateHttpApi; its id."""
        return str(
            self._send("create the Model API", "CreateHttpApi", "POST", "http-apis", body, token)[
                "httpApiId"
            ]
        )

    def update_model_api(self, api_id: str, body: Mapping[str, Any]) -> None:
        """UpdateHttpApi."""
        self._send(
            "update the Model API", "UpdateHttpApi", "PUT", f"http-apis/{_quoted(api_id)}", body
        )

    def deploy_model_api(self, api_id: str, gateway_id: str) -> None:
        """DeployHttpApi."""
        body = {"httpApiConfig": {"gatewayId": gateway_id}}
        self._send(
            "deploy the Model API",
            "DeployHttpApi",
            "POST",
            f"http-apis/{_quoted(api_id)}/deploy",
            body,
        )

    def undeploy_model_api(self, api_id: str, gateway_id: str, environment_id: str) -> None:
        """UndeployHttpApi."""
        request = self._models.UndeployHttpApiRequest(
            gateway_id=gateway_id, environment_id=environment_id
        )
        self._gone(
            "undeploy the Model API", partial(self._client.undeploy_http_api, api_id, request)
        )

    def delete_model_api(self, api_id: str) -> None:
        """DeleteHttpApi."""
        request = self._models.DeleteHttpApiRequest()
        self._gone("delete the Model API", partial(self._client.delete_http_api, api_id, request))

    # -- domains, consumers, authorizations ----------------------------------------------------------------------------

    def domain(self, domain_id: str) -> _JSON | None:
        """GetDomain."""
        request = self._models.GetDomainRequest()
        return self._found("read the domain", partial(self._client.get_domain, domain_id, request))

    def create_domain(self, body: Mapping[str, Any], token: str) -> str:
        """CreateDomain; its id."""
        return str(
            self._send("create the domain", "CreateDomain", "POST", "domains", body, token)[
                "domainId"
            ]
        )

    def update_domain(self, domain_id: str, body: Mapping[str, Any]) -> None:
        """UpdateDomain."""
        self._send(
            "update the domain", "UpdateDomain", "PUT", f"domains/{_quoted(domain_id)}", body
        )

    def delete_domain(self, domain_id: str) -> None:
        """DeleteDomain."""
        self._gone("delete the domain", partial(self._client.delete_domain, domain_id))

    def consumer(self, consumer_id: str) -> _JSON | None:
        """GetConsumer."""
        return self._found("read the consumer", partial(self._client.get_consumer, consumer_id))

    def consumer_named(self, name: str) -> _JSON | None:
        """The consumer of AI gateways by its name (ListConsumers gives likely names)."""
        rows = self._pages(
            "look for the consumer",
            self._client.list_consumers,
            "ListConsumersRequest",
            gateway_type="AI",
            name_like=name,
        )
        return next((row for row in rows if row.get("name") == name), None)

    def create_consumer(self, body: Mapping[str, Any], token: str) -> str:
        """CreateConsumer; its id."""
        data = self._send("create the consumer", "CreateConsumer", "POST", "consumers", body, token)
        return str(data["consumerId"])

    def update_consumer(self, consumer_id: str, body: Mapping[str, Any]) -> None:
        """UpdateConsumer."""
        self._send(
            "update the consumer",
            "UpdateConsumer",
            "PUT",
            f"consumers/{_quoted(consumer_id)}",
            body,
        )

    def delete_consumer(self, consumer_id: str) -> None:
        """DeleteConsumer."""
        self._gone("delete the consumer", partial(self._client.delete_consumer, consumer_id))

    def authorizations(self, consumer_id: str) -> Iterator[_JSON]:
        """What a consumer may use (QueryConsumerAuthorizationRules)."""
        return self._pages(
            "look for the authorization",
            self._client.query_consumer_authorization_rules,
            "QueryConsumerAuthorizationRulesRequest",
            consumer_id=consumer_id,
        )

    def authorize(self, rule: Mapping[str, Any]) -> str:
        """CreateConsumerAuthorizationRules with one rule; its id. It takes no client token: look first."""
        action, body = "CreateConsumerAuthorizationRules", {"authorizationRules": [rule]}
        data = self._send("authorize the consumer", action, "POST", "authorization-rules", body)
        return str(data["consumerAuthorizationRuleIds"][0])

    def withdraw(self, rule_id: str) -> None:
        """RemoveConsumerAuthorizationRule."""
        self._gone(
            "take the authorization back",
            partial(self._client.remove_consumer_authorization_rule, rule_id),
        )

    def move(self, resource_id: str, group: str) -> None:
        """ChangeResourceGroup: a service, a Model API or a domain into another resource group."""
        request = self._models.ChangeResourceGroupRequest(
            resource_id=resource_id, resource_group_id=group, service="APIG"
        )
        self._done(
            "move it to its resource group", partial(self._client.change_resource_group, request)
        )

    # -- how ---------------------------------------------------------------------------------------------------------

    def _found(self, what: str, request: Callable[[], Any]) -> _JSON | None:
        try:
            return self._done(what, request)
        except CloudError as error:
            if is_gone(error.code):
                return None
            raise

    def _gone(self, what: str, request: Callable[[], Any]) -> None:
        self._found(what, request)

    def _done(self, what: str, request: Callable[[], Any]) -> _JSON:
        answer = call(what, request)
        if isinstance(answer, Mapping):
            return dict(answer.get("data") or {})
        data = getattr(answer.body, "data", None)
        return dict(data.to_map()) if data is not None else {}

    def _send(
        self,
        what: str,
        action: str,
        method: str,
        path: str,
        body: Mapping[str, Any],
        token: str | None = None,
    ) -> _JSON:
        query = {"clientToken": token} if token is not None else {}
        return self._done(what, self._plain(action, method, path, query=query, body=dict(body)))

    def _plain(
        self,
        action: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: _JSON | None = None,
    ) -> Callable[[], Mapping[str, Any]]:
        """A request by the SDK's client with the JSON that is given, its answer as it is.

        The SDK's models would send an empty list for every list that is not there, read-only ones among them. Nor do
        they hold the fields of a log (`fieldPaths`): by the API's own text lists, where the model has one field.
        """
        from alibabacloud_tea_openapi import utils_models as wire  # noqa: PLC0415 - only with a request
        from darabonba.runtime import RuntimeOptions  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

        kind = {"style": "ROA", "auth_type": "AK", "req_body_type": "json", "body_type": "json"}
        params = wire.Params(
            action=action,
            version=_VERSION,
            protocol="HTTPS",
            pathname=f"/v1/{path}",
            method=method,
            **kind,
        )
        texts = {key: str(value) for key, value in (query or {}).items()}

        def ask() -> Mapping[str, Any]:
            request = wire.OpenApiRequest(headers={}, query=texts, body=body)
            answer: Mapping[str, Any] = self._client.call_api(params, request, RuntimeOptions())[
                "body"
            ]
            return answer

        return ask

    def _pages(
        self, what: str, method: Callable[[Any], Any], model: str, **filters: Any
    ) -> Iterator[_JSON]:
        number, seen = 1, 0
        while True:
            request = getattr(self._models, model)(page_number=number, page_size=_PAGE, **filters)
            data = self._done(what, partial(method, request))
            items = data.get("items") or []
            yield from items
            seen += len(items)
            if not items or seen >= int(data.get("totalSize") or 0):
                return
            number += 1


def _quoted(identity: str) -> str:
    return quote(identity, safe="")
