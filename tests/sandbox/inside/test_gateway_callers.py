"""Who may use a Model API: keys in each place, tokens, signatures, and what comes of none, a wrong or a foreign one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import Answer, Place, Served, api_keys, authorize, make_consumer, standing

SECRET = b"a secret of thirty-two bytes or so"


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _guarded(place: Place, kind: str) -> Served:
    return place.serve(enableAuth=True, authConfig={"authType": kind, "authMode": "Consumer"})


def _let_in(place: Place, served: Served, **credentials: Any) -> str:
    """A consumer that may use the API; its name."""
    name = place.new_name("consumer")
    consumer_id = make_consumer(place.cloud, name, **credentials)
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    return name


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _known_as(place: Place, served: Served, answer: Answer) -> str:
    """The consumer as which the gateway has let a chat pass."""
    assert answer.status == 200, answer.text
    return place.last(served).consumer


REFUSED = (401, "unauthorized")


def test_a_key_in_the_authorization_header_is_known(place):
    served = _guarded(place, "Apikey")
    name = _let_in(place, served, **api_keys("sk-default-one", "sk-default-two"))
    for key in ("sk-default-one", "sk-default-two"):
        assert _known_as(place, served, place.chat(served, headers=_bearer(key))) == name


def test_nobody_and_somebody_unknown_are_refused(place):
    served = _guarded(place, "Apikey")
    _let_in(place, served, **api_keys("sk-known"))
    for headers in ({}, _bearer(""), _bearer("sk-unknown"), _bearer("sk-know"), {"X-Key": "sk-known"}):
        answer = place.chat(served, headers=headers)
        assert answer.refusal == REFUSED
        assert "sk-" not in answer.text
    assert place.last(served).attempts == []


def test_a_key_in_a_header_of_its_own_is_known_there_alone(place):
    served = _guarded(place, "Apikey")
    name = _let_in(place, served, **api_keys("sk-header", source={"source": "Header", "value": "X-Team-Key"}))
    assert _known_as(place, served, place.chat(served, headers={"x-team-key": "sk-header"})) == name
    assert place.chat(served, headers=_bearer("sk-header")).refusal == REFUSED


def test_a_key_may_come_in_one_of_several_headers(place):
    served = _guarded(place, "Apikey")
    headers = [{"source": "Header", "value": name} for name in ("X-One", "X-Two")]
    config = {**api_keys("sk-several")["apikeyIdentityConfig"], "apikeySource": headers[0], "apikeySources": headers}
    name = _let_in(place, served, apikeyIdentityConfig=config)
    for header in ("X-One", "X-Two"):
        assert _known_as(place, served, place.chat(served, headers={header: "sk-several"})) == name
    assert place.chat(served, headers={"X-Three": "sk-several"}).refusal == REFUSED


def test_a_key_in_the_query_is_known(place):
    served = _guarded(place, "Apikey")
    name = _let_in(place, served, **api_keys("sk-query", source={"source": "QueryString", "value": "Key"}))
    assert _known_as(place, served, place.chat(served, query="?Key=sk-query")) == name
    assert place.chat(served, query="?Key=sk-other").refusal == REFUSED
    assert place.chat(served, headers=_bearer("sk-query")).refusal == REFUSED


def test_a_consumer_without_an_authorization_is_refused(place):
    mine, other = _guarded(place, "Apikey"), _guarded(place, "Apikey")
    name = _let_in(place, other, **api_keys("sk-foreign"))
    assert place.chat(mine, headers=_bearer("sk-foreign")).refusal == (403, "forbidden")
    assert _known_as(place, other, place.chat(other, headers=_bearer("sk-foreign"))) == name


def test_an_authorization_for_another_environment_is_none(place):
    served = _guarded(place, "Apikey")
    asked = models.CreateEnvironmentRequest(gateway_id=place.gateway_id, name=place.new_name("env"))
    elsewhere = place.apig.create_environment(asked).body.data.environment_id
    consumer_id = make_consumer(place.cloud, place.new_name("elsewhere"), **api_keys("sk-elsewhere"))
    authorize(place.cloud, consumer_id, served.api_id, elsewhere)
    assert place.chat(served, headers=_bearer("sk-elsewhere")).refusal == (403, "forbidden")


def test_what_is_taken_back_or_switched_off_is_over_at_once(place):
    served = _guarded(place, "Apikey")
    consumer_id = make_consumer(place.cloud, place.new_name("over"), **api_keys("sk-over"))
    rule_id = authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    assert place.chat(served, headers=_bearer("sk-over")).status == 200
    place.apig.update_consumer(consumer_id, models.UpdateConsumerRequest(enable=False))
    assert place.chat(served, headers=_bearer("sk-over")).refusal == REFUSED
    place.apig.update_consumer(consumer_id, models.UpdateConsumerRequest(enable=True))
    place.apig.remove_consumer_authorization_rule(rule_id)
    assert place.chat(served, headers=_bearer("sk-over")).refusal == (403, "forbidden")


def test_a_consumers_key_does_not_reach_the_service(place):
    served = _guarded(place, "Apikey")
    _let_in(place, served, **api_keys("sk-consumers-own"))
    assert place.chat(served, headers=_bearer("sk-consumers-own")).status == 200  # it took the service's key
    assert "sk-consumers-own" not in str(place.look("access-log"))


def test_an_api_without_authentication_asks_for_nobody(place):
    served = place.serve()
    assert _known_as(place, served, place.chat(served, headers=_bearer("sk-whatever"))) == ""


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _token(claims: Mapping[str, Any], secret: bytes = SECRET) -> str:
    parts = [_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.digest(secret, ".".join(parts).encode(), hashlib.sha256)
    return ".".join([*parts, _encoded(signature)])


def _jwt(value: str, **place: str) -> dict[str, Any]:
    key = {"kty": "oct", "alg": "HS256", "k": _encoded(SECRET)}
    return {
        "jwtIdentityConfig": {
            "type": "Jwt",
            "jwks": json.dumps({"keys": [key]}),
            "jwtTokenConfig": {"position": "HEADER", "key": "Authorization", "prefix": "Bearer ", **place},
            "jwtPayloadConfig": {"payloadKeyName": "team", "payloadKeyValue": value},
        }
    }


def test_a_token_tells_the_consumer_by_its_claim(place):
    served = _guarded(place, "Jwt")
    names = {team: _let_in(place, served, **_jwt(team)) for team in ("red", "blue")}
    for team, name in names.items():
        assert _known_as(place, served, place.chat(served, headers=_bearer(_token({"team": team})))) == name


def test_a_token_may_stand_in_a_header_of_its_own_or_in_the_query(place):
    served = _guarded(place, "Jwt")
    header = _let_in(place, served, **_jwt("headed", key="X-Token", prefix="JWT "))
    headers = {"X-Token": f"JWT {_token({'team': 'headed'})}"}
    assert _known_as(place, served, place.chat(served, headers=headers)) == header
    query = _let_in(place, served, **_jwt("queried", key="Token", position="QUERY", prefix=""))
    assert _known_as(place, served, place.chat(served, query=f"?Token={_token({'team': 'queried'})}")) == query


BAD_TOKENS: dict[str, Callable[[str], str]] = {
    "another key's": lambda team: _token({"team": team}, b"another secret"),
    "no key's": lambda team: _token({"team": team}, b""),
    "another claim": lambda _: _token({"team": "nobody"}),
    "no claim": lambda _: _token({}),
    "no claims at all": lambda _: _token([]),  # type: ignore[arg-type]
    "expired": lambda team: _token({"team": team, "exp": time.time() - 60}),
    "not yet valid": lambda team: _token({"team": team, "nbf": time.time() + 60}),
    "changed": lambda team: _token({"team": team})[:-4] + "AAAA",
    "cut off": lambda team: _token({"team": team}).rpartition(".")[0] + ".x",
    "no token": lambda _: "sk-a-key",
    "none": lambda _: "",
}


@pytest.mark.parametrize("bad", BAD_TOKENS)
def test_a_token_that_is_not_good_is_refused(place, bad):
    served, team = _guarded(place, "Jwt"), place.new_name("strict")
    _let_in(place, served, **_jwt(team))
    assert place.chat(served, headers=_bearer(_token({"team": team}))).status == 200
    assert place.chat(served, headers=_bearer(BAD_TOKENS[bad](team))).refusal == REFUSED


def test_a_consumer_without_a_key_for_tokens_is_known_by_none(place):
    served = _guarded(place, "Jwt")
    name = _let_in(place, served, **api_keys("sk-no-token"))
    assert place.chat(served, headers=_bearer(_token({"uid": name}, b""))).refusal == REFUSED


def _signed(served: Served, key: str, secret: str, path: str = "/v1/chat/completions") -> dict[str, str]:
    """The headers of a signed chat; the query belongs to what is signed."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Date": "Sat, 21 Nov 2026 04:00:00 GMT",
    }
    text = "\n".join(("POST", headers["Accept"], "", headers["Content-Type"], headers["Date"], path))
    digest = hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
    return {**headers, "X-Ca-Key": key, "X-Ca-Signature": base64.b64encode(digest).decode()}


def test_a_signature_is_known_by_its_key_and_covers_the_query(place):
    served = _guarded(place, "AkSk")
    pair = {"type": "AkSk", "generateMode": "Custom", "ak": "signing-key", "sk": "signing-secret"}
    name = _let_in(place, served, akSkIdentityConfigs=[pair])
    headers = _signed(served, "signing-key", "signing-secret")
    assert _known_as(place, served, place.chat(served, headers=headers)) == name
    queried = _signed(served, "signing-key", "signing-secret", "/v1/chat/completions?a=b%20c")
    assert _known_as(place, served, place.chat(served, headers=queried, query="?a=b%20c")) == name
    assert place.chat(served, headers=headers, query="?a=b").refusal == REFUSED
    for wrong in (_signed(served, "signing-key", "x"), _signed(served, "other-key", "signing-secret"), {}):
        assert place.chat(served, headers=wrong).refusal == REFUSED
