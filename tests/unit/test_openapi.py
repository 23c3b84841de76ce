"""The JSON client: it sends what the official SDKs send."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from alibabacloud_apig20240327 import models as apig_models
from alibabacloud_apig20240327.client import Client as ApigClient
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_privatelink20200415.client import Client as PrivatelinkClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from darabonba.core import DaraCore

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import resolve_account
from dashlink.cloud.openapi import OpenApi, path_of

KEYS = {"ALICLOUD_ACCESS_KEY": "key", "ALICLOUD_SECRET_KEY": "secret", "ALICLOUD_REGION": "cn-x"}
ACCOUNT = resolve_account({}, KEYS)
VOLATILE = ("authorization", "x-acs-date", "x-acs-signature-nonce")
EMPTY = {"data": {"items": []}}


@pytest.fixture
def sent(monkeypatch):
    """Every request in the order of sending; the answer is `sent.answer`."""
    requests = SimpleNamespace(log=[], answer=EMPTY)

    def send(request, runtime):
        headers = {}
        for name, value in request.headers.items():
            if name.lower() not in VOLATILE:
                headers[name] = value
        requests.log.append(
            (request.method, request.pathname, request.query, request.body, headers)
        )
        body = json.dumps(requests.answer).encode()
        return SimpleNamespace(status_code=200, headers={}, body=body)

    monkeypatch.setattr(DaraCore, "do_action", send)
    return requests


def official(client_class):
    config = Config(credential=ACCOUNT.credentials, region_id="cn-x", user_agent="dashlink")
    return client_class(config)


def vpcs():
    request = vpc_models.DescribeVpcsRequest(region_id="cn-x", vpc_id="vpc-1", page_size=50)
    official(VpcClient).describe_vpcs(request)
    parameters = {"RegionId": "cn-x", "VpcId": "vpc-1", "PageSize": 50, "VpcName": None}
    OpenApi(ACCOUNT, "vpc").rpc("look", "DescribeVpcs", parameters)


def security_groups():
    request = ecs_models.DescribeSecurityGroupsRequest(region_id="cn-x", security_group_id="sg-1")
    official(EcsClient).describe_security_groups(request)
    parameters = {"RegionId": "cn-x", "SecurityGroupId": "sg-1"}
    OpenApi(ACCOUNT, "ecs").rpc("look", "DescribeSecurityGroups", parameters)


def endpoint():
    request = privatelink_models.GetVpcEndpointAttributeRequest(
        region_id="cn-x", endpoint_id="ep-1"
    )
    official(PrivatelinkClient).get_vpc_endpoint_attribute(request)
    parameters = {"RegionId": "cn-x", "EndpointId": "ep-1"}
    OpenApi(ACCOUNT, "privatelink").rpc("look", "GetVpcEndpointAttribute", parameters)


def gateway():
    official(ApigClient).get_gateway("gw/1 ü")
    ApigApi(ACCOUNT).gateway("gw/1 ü")


def consumers():
    request = apig_models.ListConsumersRequest(
        gateway_type="AI", name_like="search", page_number=1, page_size=100
    )
    official(ApigClient).list_consumers(request)
    ApigApi(ACCOUNT).consumer_named("search")


def undeployment():
    request = apig_models.UndeployHttpApiRequest(gateway_id="gw-1", environment_id="env-1")
    official(ApigClient).undeploy_http_api("api-1", request)
    ApigApi(ACCOUNT).undeploy_model_api("api-1", "gw-1", "env-1")


def resource_group():
    request = apig_models.ChangeResourceGroupRequest(
        resource_id="api-1", resource_group_id="rg-1", service="APIG"
    )
    official(ApigClient).change_resource_group(request)
    ApigApi(ACCOUNT).move("api-1", "rg-1")


@pytest.mark.parametrize(
    "send_both",
    [vpcs, security_groups, endpoint, gateway, consumers, undeployment, resource_group],
    ids=lambda case: case.__name__,
)
def test_a_request_is_that_of_the_official_sdk(sent, send_both):
    send_both()
    theirs, ours = sent.log
    assert ours == theirs


def test_null_fields_of_an_answer_are_dropped(sent):
    sent.answer = {"Vpcs": {"Vpc": [{"VpcId": "vpc-1", "VpcName": None}]}, "NextToken": None}
    answer = OpenApi(ACCOUNT, "vpc").rpc("look", "DescribeVpcs", {})
    assert answer == {"Vpcs": {"Vpc": [{"VpcId": "vpc-1"}]}}


def test_a_path_has_percent_encoded_segments():
    assert path_of("v1", "services", "a/b c") == "/v1/services/a%2Fb%20c"
