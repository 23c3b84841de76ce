"""The AI gateway's API by its official SDK (APIG 2024-03-27): plain JSON in and out, one method for each request.

Every request is tried again where that can help (`dashlink.cloud.retry`); "not there" is None. Creations carry a
client token, so that a repeated one makes nothing twice (the cloud keeps tokens for about 24 h).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic.alias_generators import to_camel

from dashlink.cloud import clients
from dashlink.cloud.credentials import Account
from dashlink.cloud.retry import call
from dashlink.errors import CloudError

_PAGE = 100
_VERSION = "2024-03-27"
_APIS = "/v1/http-apis"
_JSON = dict[str, Any]
# terraform-provider-alicloud v1.285.0 knows the first three; the others are by their form.
_GONE = ("NotFound.GatewayNotFound", "Conflict.GatewayIsDeleted", "DatabaseError.RecordNotFound")


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

    def environment(self, environment_id: str) -> _JSON | None:
        """GetEnvironment."""
        return self._found("read the environment", partial(self._client.get_environment, environment_id))

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

    def create_service(self, gateway_id: str, config: Mapping[str, Any], group: str | None, token: str) -> str:
        """CreateService with one service of type AI; its id."""
        body = {"gatewayId": gateway_id, "sourceType": "AI", "serviceConfigs": [config], "resourceGroupId": group}
        request = self._request("CreateServiceRequest", body, token)
        data = self._done("create the AI service", partial(self._client.create_service, request))
        return str(data["serviceIds"][0])

    def update_service(self, service_id: str, body: Mapping[str, Any]) -> None:
        """UpdateService."""
        request = self._request("UpdateServiceRequest", body)
        self._done("update the AI service", partial(self._client.update_service, service_id, request))

    def delete_service(self, service_id: str) -> None:
        """DeleteService."""
        self._gone("delete the AI service", partial(self._client.delete_service, service_id))

    # -- Model APIs: without the SDK's models where a deploy configuration goes over the wire --------------------------

    def model_api(self, api_id: str) -> _JSON | None:
        """GetHttpApi."""
        return self._found("read the Model API", partial(self._plain, "GetHttpApi", "GET", _path_of(api_id)))

    def model_apis(self, name: str | None = None) -> Iterator[_JSON]:
        """Every API of the account, of whatever type, by ListHttpApis: one of each version."""

        def page(request: Any) -> Any:
            return self._plain("ListHttpApis", "GET", _APIS, query=request.to_map())

        for row in self._pages("list the APIs", page, "ListHttpApisRequest", name=name):
            for version in row.get("versionedHttpApis") or ():
                told = {key: value for key, value in version.items() if value is not None}
                yield {"gatewayId": row.get("GatewayId"), "type": row.get("type"), **told}

    def create_model_api(self, body: Mapping[str, Any], token: str) -> str:
        """CreateHttpApi; its id."""
        request = partial(self._plain, "CreateHttpApi", "POST", _APIS, query={"clientToken": token}, body=body)
        return str(self._done("create the Model API", request)["httpApiId"])

    def update_model_api(self, api_id: str, body: Mapping[str, Any]) -> None:
        """UpdateHttpApi."""
        request = partial(self._plain, "UpdateHttpApi", "PUT", _path_of(api_id), body=body)
        self._done("update the Model API", request)

    def deploy_model_api(self, api_id: str, gateway_id: str) -> None:
        """DeployHttpApi."""
        request = self._request("DeployHttpApiRequest", {"httpApiConfig": {"gatewayId": gateway_id}})
        self._done("deploy the Model API", partial(self._client.deploy_http_api, api_id, request))

    def undeploy_model_api(self, api_id: str, gateway_id: str, environment_id: str) -> None:
        """UndeployHttpApi."""
        body = {"gatewayId": gateway_id, "environmentId": environment_id}
        request = self._request("UndeployHttpApiRequest", body)
        self._gone("undeploy the Model API", partial(self._client.undeploy_http_api, api_id, request))

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
        request = self._request("CreateDomainRequest", body, token)
        return str(self._done("create the domain", partial(self._client.create_domain, request))["domainId"])

    def update_domain(self, domain_id: str, body: Mapping[str, Any]) -> None:
        """UpdateDomain."""
        request = self._request("UpdateDomainRequest", body)
        self._done("update the domain", partial(self._client.update_domain, domain_id, request))

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
        request = self._request("CreateConsumerRequest", body, token)
        return str(self._done("create the consumer", partial(self._client.create_consumer, request))["consumerId"])

    def update_consumer(self, consumer_id: str, body: Mapping[str, Any]) -> None:
        """UpdateConsumer."""
        request = self._request("UpdateConsumerRequest", body)
        self._done("update the consumer", partial(self._client.update_consumer, consumer_id, request))

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
        request = self._request("CreateConsumerAuthorizationRulesRequest", {"authorizationRules": [rule]})
        data = self._done("authorize the consumer", partial(self._client.create_consumer_authorization_rules, request))
        return str(data["consumerAuthorizationRuleIds"][0])

    def withdraw(self, rule_id: str) -> None:
        """RemoveConsumerAuthorizationRule."""
        self._gone("take the authorization back", partial(self._client.remove_consumer_authorization_rule, rule_id))

    def move(self, resource_id: str, group: str) -> None:
        """ChangeResourceGroup: a service, a Model API or a domain into another resource group."""
        request = self._models.ChangeResourceGroupRequest(
            resource_id=resource_id, resource_group_id=group, service="APIG"
        )
        self._done("move it to its resource group", partial(self._client.change_resource_group, request))

    # -- how ---------------------------------------------------------------------------------------------------------

    def _request(self, name: str, body: Mapping[str, Any], token: str | None = None) -> Any:
        request = _without_extras(getattr(self._models, name)().from_map(dict(body)), body)
        if token is not None:
            request.client_token = token
        return request

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

    def _plain(self, action: str, method: str, path: str, *, query: Any = None, body: Any = None) -> Mapping[str, Any]:
        """One request by the SDK's client, its answer as it is: no model of the SDK holds all of it.

        The fields of a log (`fieldPaths`) are lists by the API's own text; the SDK's model has one field instead of a
        list, and neither writes nor reads one.
        """
        from alibabacloud_tea_openapi import utils_models as wire  # noqa: PLC0415 - only with a request
        from darabonba.runtime import RuntimeOptions  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

        kind = {"style": "ROA", "auth_type": "AK", "req_body_type": "json", "body_type": "json"}
        params = wire.Params(action=action, version=_VERSION, protocol="HTTPS", pathname=path, method=method, **kind)
        texts = {key: str(value) for key, value in (query or {}).items()}
        request = wire.OpenApiRequest(headers={}, query=texts, body=dict(body) if body is not None else None)
        answer: Mapping[str, Any] = self._client.call_api(params, request, RuntimeOptions())["body"]
        return answer

    def _pages(self, what: str, method: Callable[[Any], Any], model: str, **filters: Any) -> Iterator[_JSON]:
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


def _path_of(api_id: str) -> str:
    return f"{_APIS}/{quote(api_id, safe='')}"


def _without_extras(model: Any, body: Mapping[str, Any]) -> Any:
    """``model`` without the empty lists that the SDK puts where ``body`` has nothing: some are read-only fields."""
    for attribute, value in vars(model).items():
        written = body.get(to_camel(attribute))
        if value == [] and written is None:
            setattr(model, attribute, None)
        elif isinstance(value, list) and isinstance(written, list):
            pairs = zip(value, written, strict=True)
            for inner, part in pairs:
                if isinstance(part, Mapping) and hasattr(inner, "to_map"):
                    _without_extras(inner, part)
        elif isinstance(written, Mapping) and hasattr(value, "to_map"):
            _without_extras(value, written)
    return model
