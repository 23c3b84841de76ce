"""The wire protocol: signatures, errors, HTTP and TLS on one port."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest
from support.rpc import RefusedError, Rpc

_VPC, _STS = "2016-04-28", "2015-04-01"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def test_a_request_with_the_providers_signature_is_accepted(rpc):
    vpc_id = rpc(
        _VPC, "CreateVpc", RegionId="cn-beijing", VpcName="a b+c*~/ü", CidrBlock="10.20.0.0/16"
    )["VpcId"]
    vpc = rpc(_VPC, "DescribeVpcAttribute", RegionId="cn-beijing", VpcId=vpc_id)
    assert (vpc["VpcName"], vpc["CidrBlock"]) == ("a b+c*~/ü", "10.20.0.0/16")
    assert uuid.UUID(vpc["RequestId"])


def test_parameters_are_read_from_the_query_too(rpc):
    query = {**rpc.envelope(_VPC, "DescribeVpcs"), "RegionId": "cn-beijing"}
    assert rpc.send({**query, "Signature": rpc.signature(query)}, {})["TotalCount"] == 0


def _refused_change(rpc: Rpc, **changed: str) -> str:
    """Change the parameters of a request before it is signed, and return the error code."""
    query = {**rpc.envelope(_VPC, "DescribeVpcs"), "RegionId": "cn-beijing"}
    for name, value in changed.items():
        query[name] = value
        if value == "absent":
            del query[name]
    query.setdefault("Signature", rpc.signature(query))
    with pytest.raises(RefusedError) as caught:
        rpc.send(query, {})
    return caught.value.code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"AccessKeyId": "LTAIunknown"}, "InvalidAccessKeyId.NotFound"),
        ({"AccessKeyId": "absent"}, "MissingAccessKeyId"),
        ({"Signature": "d3Jvbmc="}, "SignatureDoesNotMatch"),
        ({"Signature": "falsch-ü"}, "SignatureDoesNotMatch"),
        ({"SignatureNonce": "absent"}, "MissingSignatureNonce"),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, "InvalidTimeStamp.Expired"),
        ({"Timestamp": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"Timestamp": "2020-13-01T00:00:00Z"}, "InvalidTimeStamp.Format"),
    ],
    ids=str,
)
def test_a_request_without_a_valid_signature_is_refused(rpc, changed, code):
    assert _refused_change(rpc, **changed) == code


def test_a_wrong_secret_is_refused(sandbox, rpc):
    with pytest.raises(RefusedError) as caught:
        Rpc(sandbox.url, rpc.key_id, "not the secret")(_VPC, "DescribeVpcs", RegionId="cn-beijing")
    assert caught.value.code == "SignatureDoesNotMatch"


def test_a_request_changed_after_signing_is_refused(rpc):
    query = rpc.envelope(_VPC, "CreateVpc")
    signed = {**query, "Signature": rpc.signature({**query, "RegionId": "cn-beijing"})}
    with pytest.raises(RefusedError, match="SignatureDoesNotMatch"):
        rpc.send(signed, {"RegionId": "cn-hangzhou"})


def test_a_request_sent_twice_is_refused(rpc):
    query = {**rpc.envelope(_VPC, "DescribeVpcs"), "RegionId": "cn-beijing"}
    signed = {**query, "Signature": rpc.signature(query)}
    rpc.send(signed, {})
    with pytest.raises(RefusedError, match="SignatureNonceUsed"):
        rpc.send(signed, {})


def _acs3(
    sandbox, body: bytes, unsigned: frozenset[str] = frozenset(), **changed: str
) -> urllib.request.Request:
    """Sign a request by ACS3-HMAC-SHA256, without the headers ``unsigned``, then change it."""
    headers = {
        "host": sandbox.url.removeprefix("http://"),
        "x-acs-action": "TagResources",
        "x-acs-version": _VPC,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
        "content-type": "application/x-www-form-urlencoded",
    }
    query = "RegionId=cn-beijing&ResourceType=VPC"
    signed = sorted(headers.keys() - unsigned)
    names = ";".join(signed)
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed)
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    key, secret = sandbox.env["ALICLOUD_ACCESS_KEY"], sandbox.env["ALICLOUD_SECRET_KEY"]
    signature = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    claim = f"Credential={key},SignedHeaders={names},Signature={signature}"
    sent = {**headers, "authorization": f"ACS3-HMAC-SHA256 {claim}", **changed}
    return urllib.request.Request(f"{sandbox.url}/?{query}", body, sent)


def _refusal(request: urllib.request.Request) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _direct.open(request, timeout=20)
    return str(json.load(caught.value)["Code"])


def test_an_acs3_signature_covers_body_and_headers(sandbox, rpc):
    vpc_id = rpc(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"]
    params = {"ResourceId.1": vpc_id, "Tag.1.Key": "a", "Tag.1.Value": "1"}
    body = urllib.parse.urlencode(params).encode()
    _direct.open(_acs3(sandbox, body), timeout=20).close()
    assert sandbox.state.vpcs[vpc_id].tags == {"a": "1"}
    request = _acs3(sandbox, body)
    request.data = body + b"&All=true"
    assert _refusal(request) == "SignatureDoesNotMatch"
    request = _acs3(sandbox, body, **{"x-acs-action": "UnTagResources"})
    assert _refusal(request) == "SignatureDoesNotMatch"
    request = _acs3(sandbox, body, frozenset({"x-acs-action"}))
    assert _refusal(request) == "IncompleteSignature"
    request = _acs3(sandbox, body, authorization="ACS3-HMAC-SHA256 nonsense")
    assert _refusal(request) == "IncompleteSignature"


def test_a_roa_request_is_verified_before_its_action(sandbox):
    headers = {
        "accept": "application/json",
        "content-type": "application/json",
        "date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": "2024-03-27",
    }
    plain = ("GET", headers["accept"], "", headers["content-type"], headers["date"])
    acs = (f"{name}:{headers[name]}" for name in ("x-acs-signature-nonce", "x-acs-version"))
    text = "\n".join((*plain, *acs, "/v1/portals?name=x"))
    key, secret = sandbox.env["ALICLOUD_ACCESS_KEY"], sandbox.env["ALICLOUD_SECRET_KEY"]
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()

    def send(signed: str) -> str:
        signed_headers = {**headers, "authorization": f"acs {key}:{signed}"}
        url = f"{sandbox.url}/v1/portals?name=x"
        return _refusal(urllib.request.Request(url, headers=signed_headers))

    assert send("d3Jvbmc=") == "SignatureDoesNotMatch"
    assert send(signature) == "Sandbox.NotImplemented"


@pytest.mark.parametrize(
    ("version", "action"),
    [(_VPC, "CreateRouterInterface"), ("1999-01-01", "CreateVpc")],
    ids=["action", "version"],
)
def test_an_unknown_action_returns_501_with_its_name(rpc, version, action):
    with pytest.raises(RefusedError) as caught:
        rpc(version, action, RegionId="cn-beijing")
    assert (caught.value.status, caught.value.code) == (400, "Sandbox.NotImplemented")
    assert action in caught.value.body["Message"]


def test_an_error_has_the_clouds_form(sandbox, rpc):
    with pytest.raises(RefusedError) as caught:
        rpc(_VPC, "DescribeVpcAttribute", RegionId="cn-beijing", VpcId="vpc-absent")
    assert caught.value.status == 404
    assert set(caught.value.body) == {"Code", "Message", "RequestId", "HostId"}
    assert caught.value.body["HostId"] == sandbox.url.removeprefix("http://")


def test_temporary_keys_act_for_their_account(sandbox, rpc):
    me = rpc(_STS, "GetCallerIdentity")["AccountId"]
    role = f"acs:ram::{me}:role/deployer"
    params = {"RoleArn": role, "RoleSessionName": "ci", "DurationSeconds": "900"}
    credentials = rpc(_STS, "AssumeRole", **params)["Credentials"]
    key_id, secret = credentials["AccessKeyId"], credentials["AccessKeySecret"]
    token = credentials["SecurityToken"]
    identity = Rpc(sandbox.url, key_id, secret, token)(_STS, "GetCallerIdentity")
    assert identity["AccountId"] == me
    assert identity["Arn"] == f"acs:ram::{me}:assumed-role/deployer/ci"
    for forged in (Rpc(sandbox.url, key_id, secret), Rpc(sandbox.url, key_id, secret, "x" + token)):
        with pytest.raises(RefusedError, match=r"InvalidSecurityToken\.Malformed"):
            forged(_STS, "GetCallerIdentity")
    with pytest.raises(RefusedError, match="SignatureDoesNotMatch"):
        Rpc(sandbox.url, key_id, "wrong", token)(_STS, "GetCallerIdentity")


def test_a_role_of_another_account_is_not_assumed(rpc):
    role = "acs:ram::1000000000000002:role/x"
    with pytest.raises(RefusedError, match="NoPermission"):
        rpc(_STS, "AssumeRole", RoleArn=role, RoleSessionName="ci")


def test_a_role_is_assumed_by_an_oidc_token_without_a_key(sandbox):
    action = {"Action": "AssumeRoleWithOIDC", "Version": _STS}
    role = {"RoleArn": "acs:ram::1000000000000002:role/ci"}
    token = {"OIDCToken": "token", "OIDCProviderArn": "arn"}
    form = urllib.parse.urlencode({**action, **role, **token}).encode()
    with _direct.open(f"{sandbox.url}/", form, timeout=20) as response:
        credentials = json.load(response)["Credentials"]
    key_id, secret = credentials["AccessKeyId"], credentials["AccessKeySecret"]
    assumed = Rpc(sandbox.url, key_id, secret, credentials["SecurityToken"])
    assert assumed(_STS, "GetCallerIdentity")["AccountId"] == "1000000000000002"


def test_http_and_tls_share_one_port(sandbox):
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    tls = urllib.request.HTTPSHandler(context=context)
    secure = urllib.request.build_opener(urllib.request.ProxyHandler({}), tls)
    https = sandbox.url.replace("http:", "https:")
    for opener, url in ((_direct, sandbox.url), (secure, https)):
        request = urllib.request.Request(f"{url}/_sandbox/calls")
        request.add_header("X-Sandbox-Token", sandbox.admin_token)
        with opener.open(request, timeout=20) as response:
            assert json.load(response) == {"calls": []}


def test_silent_and_malformed_connections_do_not_block_others(sandbox, rpc):
    address = ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    with socket.create_connection(address), socket.create_connection(address) as nonsense:
        nonsense.sendall(b"\x16\x03\x01\x00\x05hello")
        nonsense.settimeout(20)
        while nonsense.recv(1024):
            pass
        assert rpc(_STS, "GetCallerIdentity")["AccountId"]


def test_location_returns_the_sandbox_for_every_product(sandbox, rpc):
    response = rpc("2015-06-12", "DescribeEndpoints", Id="cn-beijing", ServiceCode="vpc")
    (endpoint,) = response["Endpoints"]["Endpoint"]
    assert endpoint["Endpoint"] == sandbox.url.removeprefix("http://")


def test_bss_accepts_an_account_without_instances(rpc):
    assert rpc("2017-12-14", "QueryAvailableInstances")["Success"] is True
