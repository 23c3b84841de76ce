"""Authentication at a Model API: API keys, tokens and signatures, valid and invalid ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from alibabacloud_apig20240327 import models
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from support.gateways import Answer, Place, Served, api_keys, authorize, create_consumer

SECRET = b"a secret of thirty-two bytes or so"
REFUSED = (401, "unauthorized")
FORBIDDEN = (403, "forbidden")


def _protected(place: Place, kind: str) -> Served:
    return place.serve(enableAuth=True, authConfig={"authType": kind, "authMode": "Custom"})


def _authorized(place: Place, served: Served, **credentials: Any) -> str:
    """Create a consumer that may use the API; its name."""
    name = place.new_name("consumer")
    consumer_id = create_consumer(place.cloud, name, **credentials)
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    return name


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _consumer_of(place: Place, served: Served, answer: Answer) -> str:
    """The consumer that the gateway has logged for a successful chat."""
    assert answer.status == 200, answer.text
    return place.last(served).consumer


def test_a_key_in_the_authorization_header_is_accepted(place):
    served = _protected(place, "Apikey")
    name = _authorized(place, served, **api_keys("sk-default-one", "sk-default-two"))
    for key in ("sk-default-one", "sk-default-two"):
        answer = place.chat(served, headers=_bearer(key))
        assert _consumer_of(place, served, answer) == name


def test_missing_and_unknown_keys_are_refused(place):
    served = _protected(place, "Apikey")
    _authorized(place, served, **api_keys("sk-known"))
    wrong = ({}, _bearer(""), _bearer("sk-unknown"), _bearer("sk-know"), {"X-Key": "sk-known"})
    for headers in wrong:
        answer = place.chat(served, headers=headers)
        assert answer.refusal == REFUSED
        assert "sk-" not in answer.text
    assert place.last(served).attempts == []


def test_a_key_in_a_custom_header_is_accepted_only_there(place):
    served = _protected(place, "Apikey")
    source = {"source": "Header", "value": "X-Team-Key"}
    name = _authorized(place, served, **api_keys("sk-header", source=source))
    answer = place.chat(served, headers={"x-team-key": "sk-header"})
    assert _consumer_of(place, served, answer) == name
    assert place.chat(served, headers=_bearer("sk-header")).refusal == REFUSED


def test_a_key_is_accepted_in_any_of_several_headers(place):
    served = _protected(place, "Apikey")
    headers = [{"source": "Header", "value": name} for name in ("X-One", "X-Two")]
    config = api_keys("sk-several")["apikeyIdentityConfig"]
    config |= {"apikeySource": headers[0], "apikeySources": headers}
    name = _authorized(place, served, apikeyIdentityConfig=config)
    for header in ("X-One", "X-Two"):
        answer = place.chat(served, headers={header: "sk-several"})
        assert _consumer_of(place, served, answer) == name
    assert place.chat(served, headers={"X-Three": "sk-several"}).refusal == REFUSED


def test_a_key_in_the_query_is_accepted(place):
    served = _protected(place, "Apikey")
    source = {"source": "QueryString", "value": "Key"}
    name = _authorized(place, served, **api_keys("sk-query", source=source))
    assert _consumer_of(place, served, place.chat(served, query="?Key=sk-query")) == name
    assert place.chat(served, query="?Key=sk-other").refusal == REFUSED
    assert place.chat(served, headers=_bearer("sk-query")).refusal == REFUSED


def test_a_consumer_without_an_authorization_is_refused(place):
    mine, other = _protected(place, "Apikey"), _protected(place, "Apikey")
    name = _authorized(place, other, **api_keys("sk-foreign"))
    assert place.chat(mine, headers=_bearer("sk-foreign")).refusal == FORBIDDEN
    answer = place.chat(other, headers=_bearer("sk-foreign"))
    assert _consumer_of(place, other, answer) == name


def test_an_authorization_in_another_environment_is_not_valid(place):
    served = _protected(place, "Apikey")
    request = models.CreateEnvironmentRequest(
        gateway_id=place.gateway_id, name=place.new_name("env")
    )
    elsewhere = place.apig.create_environment(request).body.data.environment_id
    name = place.new_name("elsewhere")
    consumer_id = create_consumer(place.cloud, name, **api_keys("sk-elsewhere"))
    authorize(place.cloud, consumer_id, served.api_id, elsewhere)
    assert place.chat(served, headers=_bearer("sk-elsewhere")).refusal == FORBIDDEN


def test_a_disabled_or_unauthorized_consumer_is_refused_at_once(place):
    served = _protected(place, "Apikey")
    consumer_id = create_consumer(place.cloud, place.new_name("over"), **api_keys("sk-over"))
    rule_id = authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    assert place.chat(served, headers=_bearer("sk-over")).status == 200
    place.apig.update_consumer(consumer_id, models.UpdateConsumerRequest(enable=False))
    assert place.chat(served, headers=_bearer("sk-over")).refusal == REFUSED
    place.apig.update_consumer(consumer_id, models.UpdateConsumerRequest(enable=True))
    place.apig.remove_consumer_authorization_rule(rule_id)
    assert place.chat(served, headers=_bearer("sk-over")).refusal == FORBIDDEN


def test_a_consumers_key_does_not_reach_the_service(place):
    served = _protected(place, "Apikey")
    _authorized(place, served, **api_keys("sk-consumers-own"))
    answer = place.chat(served, headers=_bearer("sk-consumers-own"))
    assert answer.status == 200  # the service received its own key
    assert "sk-consumers-own" not in str(place.inspect("access-log"))


def test_an_api_without_authentication_accepts_any_key(place):
    served = place.serve()
    answer = place.chat(served, headers=_bearer("sk-whatever"))
    assert _consumer_of(place, served, answer) == ""


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _token(claims: Any, secret: bytes = SECRET) -> str:
    """An HS256 token, written without the library that verifies it."""
    header = _encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    signed = f"{header}.{_encoded(json.dumps(claims).encode())}"
    signature = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{_encoded(signature)}"


def _jwt(value: str, *keys: Mapping[str, Any], **place: str) -> dict[str, Any]:
    """The credentials of a consumer whose tokens have the claim team=``value``."""
    own = {"kty": "oct", "alg": "HS256", "k": _encoded(SECRET)}
    location = {"position": "HEADER", "key": "Authorization", "prefix": "Bearer ", **place}
    return {
        "jwtIdentityConfig": {
            "type": "Jwt",
            "jwks": json.dumps({"keys": keys or [own]}),
            "jwtTokenConfig": location,
            "jwtPayloadConfig": {"payloadKeyName": "team", "payloadKeyValue": value},
        }
    }


def test_the_claim_of_a_token_identifies_the_consumer(place):
    served = _protected(place, "Jwt")
    names = {}
    for team in ("red", "blue"):
        names[team] = _authorized(place, served, **_jwt(team))
    for team, name in names.items():
        answer = place.chat(served, headers=_bearer(_token({"team": team})))
        assert _consumer_of(place, served, answer) == name


def test_a_token_is_accepted_in_a_custom_header_or_the_query(place):
    served = _protected(place, "Jwt")
    header = _authorized(place, served, **_jwt("headed", key="X-Token", prefix="JWT "))
    headers = {"X-Token": f"JWT {_token({'team': 'headed'})}"}
    assert _consumer_of(place, served, place.chat(served, headers=headers)) == header
    query = _authorized(place, served, **_jwt("queried", key="Token", position="QUERY", prefix=""))
    answer = place.chat(served, query=f"?Token={_token({'team': 'queried'})}")
    assert _consumer_of(place, served, answer) == query


BAD_TOKENS: dict[str, Callable[[str], str]] = {
    "another key's": lambda team: _token({"team": team}, b"another secret"),
    "no key's": lambda team: _token({"team": team}, b""),
    "another claim": lambda _: _token({"team": "nobody"}),
    "no claim": lambda _: _token({}),
    "no claims at all": lambda _: _token([]),
    "expired": lambda team: _token({"team": team, "exp": time.time() - 60}),
    "not yet valid": lambda team: _token({"team": team, "nbf": time.time() + 60}),
    "changed": lambda team: _token({"team": team})[:-4] + "AAAA",
    "cut off": lambda team: _token({"team": team}).rpartition(".")[0] + ".x",
    "unsigned": lambda team: jwt.encode({"team": team}, None, algorithm="none"),
    "no token": lambda _: "sk-a-key",
    "none": lambda _: "",
}


@pytest.mark.parametrize("make_token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_an_invalid_token_is_refused(place, make_token):
    served, team = _protected(place, "Jwt"), place.new_name("strict")
    _authorized(place, served, **_jwt(team))
    assert place.chat(served, headers=_bearer(_token({"team": team}))).status == 200
    assert place.chat(served, headers=_bearer(make_token(team))).refusal == REFUSED


def test_a_token_for_a_consumer_without_a_key_set_is_refused(place):
    served = _protected(place, "Jwt")
    name = _authorized(place, served, **api_keys("sk-no-token"))
    assert place.chat(served, headers=_bearer(_token({"uid": name}, b""))).refusal == REFUSED


def _key_pair(algorithm: str) -> tuple[Any, dict[str, Any]]:
    """A private key, and its public key as a JWK."""
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "RS256":
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    kind = jwt.get_algorithm_by_name(algorithm)
    return private, {**json.loads(kind.to_jwk(private.public_key())), "alg": algorithm}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"], ids=str)
def test_the_kid_of_a_token_selects_the_key_of_a_key_set(place, algorithm):
    served, team = _protected(place, "Jwt"), place.new_name("asymmetric")
    private, keys = {}, []
    for kid in ("one", "two"):
        private[kid], key = _key_pair(algorithm)
        keys.append({**key, "kid": kid})
    foreign, _ = _key_pair(algorithm)
    name = _authorized(place, served, **_jwt(team, *keys))

    def answer(key: Any, kid: str) -> Answer:
        token = jwt.encode({"team": team}, key, algorithm=algorithm, headers={"kid": kid})
        return place.chat(served, headers=_bearer(token))

    for kid in ("one", "two"):
        assert _consumer_of(place, served, answer(private[kid], kid)) == name
    for key, kid in ((private["one"], "two"), (private["one"], "three"), (foreign, "one")):
        assert answer(key, kid).refusal == REFUSED


def test_a_public_key_is_no_secret_for_hs256(place):
    served, team = _protected(place, "Jwt"), place.new_name("confused")
    _, key = _key_pair("RS256")
    _authorized(place, served, **_jwt(team, key))
    modulus = base64.urlsafe_b64decode(key["n"] + "==")
    for secret in (modulus, key["n"].encode(), json.dumps(key).encode()):
        token = _token({"team": team}, secret)
        assert place.chat(served, headers=_bearer(token)).refusal == REFUSED


def _signed(key: str, secret: str, target: str = "/v1/chat/completions") -> dict[str, str]:
    """The headers of a signed chat; ``target`` is the path with its query."""
    content_type, date = "application/json", "Sat, 21 Nov 2026 04:00:00 GMT"
    text = "\n".join(("POST", content_type, "", content_type, date, target))
    digest = hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
    return {
        "Accept": content_type,
        "Content-Type": content_type,
        "Date": date,
        "X-Ca-Key": key,
        "X-Ca-Signature": base64.b64encode(digest).decode(),
    }


def test_a_signature_identifies_a_consumer_and_covers_the_query(place):
    served = _protected(place, "AkSk")
    pair = {
        "type": "AkSk",
        "generateMode": "Custom",
        "ak": "signing-key",
        "sk": "signing-secret",
    }
    name = _authorized(place, served, akSkIdentityConfigs=[pair])
    headers = _signed("signing-key", "signing-secret")
    assert _consumer_of(place, served, place.chat(served, headers=headers)) == name
    queried = _signed("signing-key", "signing-secret", "/v1/chat/completions?a=b%20c")
    answer = place.chat(served, headers=queried, query="?a=b%20c")
    assert _consumer_of(place, served, answer) == name
    assert place.chat(served, headers=headers, query="?a=b").refusal == REFUSED
    for wrong in (_signed("signing-key", "x"), _signed("other-key", "signing-secret"), {}):
        assert place.chat(served, headers=wrong).refusal == REFUSED
