"""What is on the wire: signatures, errors, HTTP and TLS on one port."""

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


def test_a_request_signed_as_the_provider_signs_is_answered(rpc):
    made = rpc(_VPC, "CreateVpc", RegionId="cn-beijing", VpcName="a b+c*~/ü", CidrBlock="10.20.0.0/16")
    found = rpc(_VPC, "DescribeVpcAttribute", RegionId="cn-beijing", VpcId=made["VpcId"])
    assert (found["VpcName"], found["CidrBlock"]) == ("a b+c*~/ü", "10.20.0.0/16")
    assert uuid.UUID(found["RequestId"])


def test_parameters_may_come_in_the_query(rpc):
    query = {**rpc.envelope(_VPC, "DescribeVpcs"), "RegionId": "cn-beijing"}
    assert rpc.send({**query, "Signature": rpc.signature(query)}, {})["TotalCount"] == 0


def _sent(rpc: Rpc, **changed: str) -> str:
    """The code that a request is refused with whose parameters were changed before it was signed."""
    query = {**rpc.envelope(_VPC, "DescribeVpcs"), "RegionId": "cn-beijing", **changed}
    query = {name: value for name, value in query.items() if value != "absent"}
    query.setdefault("Signature", rpc.signature(query))
    with pytest.raises(RefusedError) as caught:
        rpc.send(query, {})
    return caught.value.code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"AccessKeyId": "LTAInobody"}, "InvalidAccessKeyId.NotFound"),
        ({"AccessKeyId": "absent"}, "MissingAccessKeyId"),
        ({"Signature": "d3Jvbmc="}, "SignatureDoesNotMatch"),
        ({"Signature": "falsch-ü"}, "SignatureDoesNotMatch"),
        ({"SignatureNonce": "absent"}, "MissingSignatureNonce"),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, "InvalidTimeStamp.Expired"),
        ({"Timestamp": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"Timestamp": "2020-13-01T00:00:00Z"}, "InvalidTimeStamp.Format"),
    ],
)
def test_a_request_that_is_not_well_signed_is_refused(rpc, changed, code):
    assert _sent(rpc, **changed) == code


def test_a_wrong_secret_is_refused(sandbox, rpc):
    with pytest.raises(RefusedError) as caught:
        Rpc(sandbox.url, rpc.key_id, "not the secret")(_VPC, "DescribeVpcs", RegionId="cn-beijing")
    assert caught.value.code == "SignatureDoesNotMatch"


def test_a_request_that_was_changed_after_signing_is_refused(rpc):
    query = rpc.envelope(_VPC, "CreateVpc")
    signed = {**query, "Signature": rpc.signature({**query, "RegionId": "cn-beijing"})}
    with pytest.raises(RefusedError, match="SignatureDoesNotMatch"):
        rpc.send(signed, {"RegionId": "cn-hangzhou"})


def test_a_request_that_is_sent_twice_is_refused(rpc):
    query = {**rpc.envelope(_VPC, "DescribeVpcs"), "RegionId": "cn-beijing"}
    signed = {**query, "Signature": rpc.signature(query)}
    rpc.send(signed, {})
    with pytest.raises(RefusedError, match="SignatureNonceUsed"):
        rpc.send(signed, {})


def _acs3(sandbox, body: bytes, leave_out: frozenset[str] = frozenset(), **changed: str) -> urllib.request.Request:
    """A request signed by ACS3-HMAC-SHA256 over its body and its headers but some, then changed."""
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
    signed = sorted(headers.keys() - leave_out)
    names = ";".join(signed)
    lines = "".join(f"{name}:{headers[name]}\n" for name in signed)
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.digest(sandbox.env["ALICLOUD_SECRET_KEY"].encode(), text.encode(), "sha256").hex()
    credential = f"Credential={sandbox.env['ALICLOUD_ACCESS_KEY']},SignedHeaders={names},Signature={signature}"
    sent = {**headers, "authorization": f"ACS3-HMAC-SHA256 {credential}", **changed}
    return urllib.request.Request(f"{sandbox.url}/?{query}", body, sent)


def _refusal(request: urllib.request.Request) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        _direct.open(request, timeout=20)
    return str(json.load(caught.value)["Code"])


def test_an_acs3_signature_covers_body_and_headers(sandbox, rpc):
    vpc_id = rpc(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"]
    body = urllib.parse.urlencode({"ResourceId.1": vpc_id, "Tag.1.Key": "a", "Tag.1.Value": "1"}).encode()
    _direct.open(_acs3(sandbox, body), timeout=20).close()
    assert sandbox.state.vpcs[vpc_id].tags == {"a": "1"}
    request = _acs3(sandbox, body)
    request.data = body + b"&All=true"
    assert _refusal(request) == "SignatureDoesNotMatch"
    assert _refusal(_acs3(sandbox, body, **{"x-acs-action": "UnTagResources"})) == "SignatureDoesNotMatch"
    assert _refusal(_acs3(sandbox, body, frozenset({"x-acs-action"}))) == "IncompleteSignature"
    assert _refusal(_acs3(sandbox, body, authorization="ACS3-HMAC-SHA256 nonsense")) == "IncompleteSignature"


def test_a_roa_request_is_verified_before_it_is_said_to_be_unknown(sandbox):
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
        nonce = {"authorization": f"acs {key}:{signed}"}
        return _refusal(urllib.request.Request(f"{sandbox.url}/v1/portals?name=x", headers={**headers, **nonce}))

    assert send("d3Jvbmc=") == "SignatureDoesNotMatch"
    assert send(signature) == "Sandbox.NotImplemented"


@pytest.mark.parametrize(("version", "action"), [(_VPC, "CreateRouterInterface"), ("1999-01-01", "CreateVpc")])
def test_an_unknown_action_answers_501_with_its_name(rpc, version, action):
    with pytest.raises(RefusedError) as caught:
        rpc(version, action, RegionId="cn-beijing")
    assert (caught.value.status, caught.value.code) == (501, "Sandbox.NotImplemented")
    assert action in caught.value.body["Message"]


def test_an_error_has_the_clouds_form(sandbox, rpc):
    with pytest.raises(RefusedError) as caught:
        rpc(_VPC, "DescribeVpcAttribute", RegionId="cn-beijing", VpcId="vpc-absent")
    assert caught.value.status == 404
    assert set(caught.value.body) == {"Code", "Message", "RequestId", "HostId"}
    assert caught.value.body["HostId"] == sandbox.url.removeprefix("http://")


def test_temporary_keys_act_for_their_account_until_they_end(sandbox, rpc):
    me = rpc(_STS, "GetCallerIdentity")["AccountId"]
    role = f"acs:ram::{me}:role/deployer"
    given = rpc(_STS, "AssumeRole", RoleArn=role, RoleSessionName="ci", DurationSeconds="900")["Credentials"]
    key_id, secret, token = (given[name] for name in ("AccessKeyId", "AccessKeySecret", "SecurityToken"))
    assumed = Rpc(sandbox.url, key_id, secret, token)
    who = assumed(_STS, "GetCallerIdentity")
    assert (who["AccountId"], who["Arn"]) == (me, f"acs:ram::{me}:assumed-role/deployer/ci")
    for forged in (Rpc(sandbox.url, key_id, secret), Rpc(sandbox.url, key_id, secret, "x" + token)):
        with pytest.raises(RefusedError, match=r"InvalidSecurityToken\.Malformed"):
            forged(_STS, "GetCallerIdentity")
    with pytest.raises(RefusedError, match="SignatureDoesNotMatch"):
        Rpc(sandbox.url, key_id, "wrong", token)(_STS, "GetCallerIdentity")


def test_a_role_of_another_account_is_not_assumed(rpc):
    with pytest.raises(RefusedError, match="NoPermission"):
        rpc(_STS, "AssumeRole", RoleArn="acs:ram::1000000000000002:role/x", RoleSessionName="ci")


def test_an_oidc_token_needs_no_key(sandbox):
    fields = {"Action": "AssumeRoleWithOIDC", "Version": _STS, "RoleArn": "acs:ram::1000000000000002:role/ci"}
    form = urllib.parse.urlencode({**fields, "OIDCToken": "token", "OIDCProviderArn": "arn"}).encode()
    with _direct.open(f"{sandbox.url}/", form, timeout=20) as answer:
        given = json.load(answer)["Credentials"]
    who = Rpc(sandbox.url, given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
    assert who(_STS, "GetCallerIdentity")["AccountId"] == "1000000000000002"


def test_http_and_tls_are_answered_on_one_port(sandbox):
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    secure = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    for opener, url in ((_direct, sandbox.url), (secure, sandbox.url.replace("http:", "https:"))):
        with opener.open(f"{url}/_sandbox/calls", timeout=20) as answer:
            assert json.load(answer) == {"calls": []}


def test_clients_that_say_nothing_or_nonsense_do_not_disturb_others(sandbox, rpc):
    address = ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    with socket.create_connection(address), socket.create_connection(address) as nonsense:
        nonsense.sendall(b"\x16\x03\x01\x00\x05hello")
        nonsense.settimeout(20)
        while nonsense.recv(1024):
            pass
        assert rpc(_STS, "GetCallerIdentity")["AccountId"]


def test_location_sends_every_product_here(sandbox, rpc):
    found = rpc("2015-06-12", "DescribeEndpoints", Id="cn-beijing", ServiceCode="vpc")["Endpoints"]["Endpoint"]
    assert [row["Endpoint"] for row in found] == [sandbox.url.removeprefix("http://")]


def test_bss_knows_an_account_that_bought_nothing(rpc):
    assert rpc("2017-12-14", "QueryAvailableInstances")["Success"] is True
