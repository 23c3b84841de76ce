"""The JSON client: it sends what the official SDKs send, on the wire."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from alibabacloud_apig20240327 import models as apig_models
from alibabacloud_apig20240327.client import Client as ApigClient
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_privatelink20200415.client import Client as PrivatelinkClient
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import resolve_account
from dashlink.cloud.openapi import OpenApi, path_of
from dashlink.cloud.signature import authorization, body_hash, query_string
from dashlink.errors import CloudError

KEYS = {"ALICLOUD_ACCESS_KEY": "key", "ALICLOUD_SECRET_KEY": "secret", "ALICLOUD_REGION": "cn-x"}
PRODUCTS = ("vpc", "ecs", "privatelink", "apig")
# Headers with another value at each request, of the transport, or with the name of the client.
VOLATILE = ("authorization", "x-acs-date", "x-acs-signature-nonce")
TRANSPORT = ("accept-encoding", "connection")
CLIENT = ("user-agent", "x-acs-credentials-provider")
EMPTY = {"data": {"items": []}}


class Recorder(BaseHTTPRequestHandler):
    """Records every request in `server.log`, and responds with `server.answer`."""

    protocol_version = "HTTP/1.1"

    def do(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "null")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.headers.append(headers)
        compared = set(headers) - {*VOLATILE, *TRANSPORT, *CLIENT}
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        self.server.log.append(
            (self.command, parts.path, query, body, {name: headers[name] for name in compared})
        )
        content = self.server.answer
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do  # noqa: N815 - the names of http.server

    def log_message(self, *arguments):
        """Keep the output of tests short."""


@pytest.fixture
def cloud(monkeypatch):
    """A server in place of every product, with an account whose requests go there."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.log, server.headers, server.answer, server.status = [], [], EMPTY, 200
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    settings = {"protocol": "http", "endpoints": dict.fromkeys(PRODUCTS, host)}
    yield SimpleNamespace(server=server, host=host, account=resolve_account(settings, KEYS))
    server.shutdown()
    server.server_close()


def official(client_class, cloud):
    return client_class(
        Config(
            access_key_id="key",
            access_key_secret="secret",
            region_id="cn-x",
            endpoint=cloud.host,
            protocol="http",
        )
    )


def vpcs(cloud):
    request = vpc_models.DescribeVpcsRequest(region_id="cn-x", vpc_id="vpc-1", page_size=50)
    official(VpcClient, cloud).describe_vpcs(request)
    parameters = {"RegionId": "cn-x", "VpcId": "vpc-1", "PageSize": 50, "VpcName": None}
    OpenApi(cloud.account, "vpc").rpc("look", "DescribeVpcs", parameters)


def security_groups(cloud):
    request = ecs_models.DescribeSecurityGroupsRequest(region_id="cn-x", security_group_id="sg-1")
    official(EcsClient, cloud).describe_security_groups(request)
    parameters = {"RegionId": "cn-x", "SecurityGroupId": "sg-1"}
    OpenApi(cloud.account, "ecs").rpc("look", "DescribeSecurityGroups", parameters)


def endpoint(cloud):
    request = privatelink_models.GetVpcEndpointAttributeRequest(
        region_id="cn-x", endpoint_id="ep-1"
    )
    official(PrivatelinkClient, cloud).get_vpc_endpoint_attribute(request)
    parameters = {"RegionId": "cn-x", "EndpointId": "ep-1"}
    OpenApi(cloud.account, "privatelink").rpc("look", "GetVpcEndpointAttribute", parameters)


def gateway(cloud):
    official(ApigClient, cloud).get_gateway("gw/1 ü")
    ApigApi(cloud.account).gateway("gw/1 ü")


def consumers(cloud):
    request = apig_models.ListConsumersRequest(
        gateway_type="AI", name_like="search", page_number=1, page_size=100
    )
    official(ApigClient, cloud).list_consumers(request)
    ApigApi(cloud.account).consumer_named("search")


def undeployment(cloud):
    request = apig_models.UndeployHttpApiRequest(gateway_id="gw-1", environment_id="env-1")
    official(ApigClient, cloud).undeploy_http_api("api-1", request)
    ApigApi(cloud.account).undeploy_model_api("api-1", "gw-1", "env-1")


def resource_group(cloud):
    request = apig_models.ChangeResourceGroupRequest(
        resource_id="api-1", resource_group_id="rg-1", resource_type="HttpApi", service="APIG"
    )
    official(ApigClient, cloud).change_resource_group(request)
    ApigApi(cloud.account).move("HttpApi", "api-1", "rg-1")


@pytest.mark.parametrize(
    "send_both",
    [vpcs, security_groups, endpoint, gateway, consumers, undeployment, resource_group],
    ids=lambda case: case.__name__,
)
def test_a_request_is_that_of_the_official_sdk(cloud, send_both):
    send_both(cloud)
    theirs, ours = cloud.server.log
    assert ours == theirs


def test_a_signature_is_that_of_the_official_sdk():
    query = {"RegionId": "cn-x", "Name": "a b/ü~*", "Zero": "0"}
    headers = {"host": "vpc.cn-x.aliyuncs.com", "x-acs-content-sha256": body_hash(b'{"a":1}')}
    request = SimpleNamespace(method="PUT", pathname="/v1/a%20b", query=query, headers=headers)
    theirs = Utils.get_authorization(
        request, "ACS3-HMAC-SHA256", headers["x-acs-content-sha256"], "key", "secret"
    )
    ours = authorization("PUT", "/v1/a%20b", query_string(query), headers, "key", "secret")
    assert ours == theirs


def test_a_security_token_is_sent_and_signed(cloud):
    settings = {"protocol": "http", "endpoints": {"vpc": cloud.host}, "securityToken": "session"}
    OpenApi(resolve_account(settings, KEYS), "vpc").rpc("look", "DescribeVpcs", {})
    (headers,) = cloud.server.headers
    assert headers["x-acs-security-token"] == "session"
    assert "x-acs-security-token" in headers["authorization"]


def test_no_two_requests_have_the_same_nonce(cloud):
    for _ in range(2):
        OpenApi(cloud.account, "vpc").rpc("look", "DescribeVpcs", {})
    first, second = [headers["x-acs-signature-nonce"] for headers in cloud.server.headers]
    assert first != second


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {"Code": "Forbidden", "Message": "Not yours.", "RequestId": "R-1"},
            "cannot look: Not yours. [Forbidden, request id R-1]",
        ),
        (
            {"code": "Forbidden", "message": "Not yours.", "requestId": "R-1"},
            "cannot look: Not yours. [Forbidden, request id R-1]",
        ),
        (b"<html>proxy</html>", "cannot look: HTTP status 403 with no JSON"),
    ],
    ids=["RPC", "ROA", "no-JSON"],
)
def test_a_refusal_is_one_line(cloud, answer, message):
    cloud.server.answer, cloud.server.status = answer, 403
    with pytest.raises(CloudError) as caught:
        OpenApi(cloud.account, "vpc").rpc("look", "DescribeVpcs", {})
    assert str(caught.value) == message


def test_requests_go_through_the_proxy_of_the_environment(cloud, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://user:pass@{cloud.host}")
    settings = {"protocol": "http", "endpoints": {"vpc": "vpc.example:81"}}
    OpenApi(resolve_account(settings, KEYS), "vpc").rpc("look", "DescribeVpcs", {})
    (headers,) = cloud.server.headers
    assert (headers["host"], headers["proxy-authorization"]) == (
        "vpc.example:81",
        "Basic dXNlcjpwYXNz",
    )


def test_no_proxy_exempts_a_host(cloud, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    OpenApi(cloud.account, "vpc").rpc("look", "DescribeVpcs", {})
    assert len(cloud.server.log) == 1


def test_null_fields_of_an_answer_are_dropped(cloud):
    cloud.server.answer = {"Vpcs": {"Vpc": [{"VpcId": "vpc-1", "VpcName": None}]}, "Next": None}
    answer = OpenApi(cloud.account, "vpc").rpc("look", "DescribeVpcs", {})
    assert answer == {"Vpcs": {"Vpc": [{"VpcId": "vpc-1"}]}}


def test_a_path_has_percent_encoded_segments():
    assert path_of("v1", "services", "a/b c") == "/v1/services/a%2Fb%20c"
