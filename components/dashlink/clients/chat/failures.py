"""The failures of a chat request without a code that explains them: what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from dashlink.clients.chat.request import Kind


class Failure(Enum):
    """A kind of failure: what is wrong, and the advice, for a Model API."""

    KEY_MISSING = (
        "{status}, no API key was sent",
        "Pass the API key of a consumer that the API lists in `consumers`.",
    )
    KEY_REFUSED = (
        "{status}, the API key is refused",
        "Pass the API key of one of the API's `consumers`; if it is one, check the `api_keys` of "
        "the AI service.",
    )
    CONSUMER = (
        "{status}, the consumer is not authorized for this API",
        "Add the consumer to the API's `consumers` and run `up`, or pass the key of an authorized "
        "one.",
    )
    MODEL_DENIED = (
        "{status}, the upstream denies access to the model {model}",
        "Grant the key in the service's `api_keys` access to the model, or name another model.",
    )
    PATH = (
        "{status}, no API at this domain and base path, or the API has no such built-in route "
        "({url})",
        "Compare the API's `domains` and `base_path`, and check that its `routes` have {path}.",
    )
    MODEL_UNKNOWN = (
        "{status}, the upstream does not know the model {model}",
        "Name one that it has, or route this name to a service that has it (`by_model`).",
    )
    CONTENT = (
        "{status}, content security refused the text",
        "Rephrase the message, or check the API's `content_security`.",
    )
    LIMIT = (
        "{status}, a limit of tokens or requests is exhausted, the gateway's or the upstream's",
        "Retry {after}, or raise the API's `limits` or the upstream's quota.",
    )
    UPSTREAM = (
        "{status}, the upstream failed",
        "The gateway has tried the API's `fallbacks`, if it has any: check the services behind it.",
    )
    REFUSED = ("{status}, the request is refused", "Change what the message names.")
    BROKEN_OFF = (
        "the upstream broke off the answer",
        "Retry; if it happens again, check the API's service.",
    )
    NOT_CHAT = (
        "the response is not a chat completion",
        "Compare the base URL with the API's; if it is right, turn streaming on or off.",
    )
    PROXY_REFUSED = ("{proxy} refuses", "The proxy's message names the cause: fix it there.")
    PROXY_UNREACHABLE = ("{proxy} cannot be reached", "Check its address, and that it is running.")
    NAME = (
        "the name {host} does not resolve here",
        "Run this inside the VPC, where it resolves, or set {variable} to a proxy into the VPC.",
    )
    CONNECTION_REFUSED = (
        "{address} refuses the connection",
        "Check that the name resolves to the gateway, and that the scheme is that of the API's "
        "domain.",
    )
    CONNECT_TIMEOUT = (
        "{address} accepts no connection within {timeout:g} s",
        "Run this inside the VPC, or set {variable} to a proxy into it; check the security groups.",
    )
    READ_TIMEOUT = (
        "no data arrived for {timeout:g} s",
        "Allow more time or ask for less; at the gateway the API's `first_byte_timeout_seconds` "
        "applies.",
    )
    CERTIFICATE = (
        "the certificate of {address} is not trusted",
        "Set SSL_CERT_FILE to the file of its authority, or check the domain's `certificate_id`.",
    )
    TLS = (
        "the TLS handshake with {address} failed",
        "Check that the scheme is that of the API's domain.",
    )
    CONNECTION = (
        "the connection to {address} broke",
        "Retry; if it happens again, check the gateway and the network to it.",
    )
    OTHER = (
        "the request failed",
        "Check the base URL, the parameters, and the environment's proxy and SSL_CERT_FILE.",
    )


_INSIDE = "Run this inside the VPC, or set {variable} to a proxy into it"
_OTHERS: Mapping[Kind, Mapping[Failure, tuple[str, str]]] = {
    "maas": {
        Failure.KEY_MISSING: ("{status}, no key was sent", "Set {key} to a key of MaaS."),
        Failure.KEY_REFUSED: ("{status}, the key is refused", "Compare {key} with the key."),
        Failure.CONSUMER: (
            "{status}, the key has no rights to it",
            "Look at the key and the model in ModelArts Studio.",
        ),
        Failure.PATH: ("{status}, no such path ({url})", "Compare `base_url` and the protocol."),
        Failure.MODEL_DENIED: (
            "{status}, the key has no rights to the model {model}",
            "Look at the key and the model in ModelArts Studio.",
        ),
        Failure.MODEL_UNKNOWN: (
            "{status}, the address has no model {model}",
            "Copy the name literally, with its case, from {models} or the console.",
        ),
        Failure.CONTENT: ("{status}, the text is refused for its content", "Rephrase the message."),
        Failure.LIMIT: (
            "{status}, a limit of requests or tokens is exhausted",
            "Retry {after}, or have the limit raised in ModelArts Studio.",
        ),
        Failure.UPSTREAM: (
            "{status}, MaaS failed",
            "Retry {after}; if it lasts, ask Huawei Cloud.",
        ),
        Failure.NAME: (
            "the name {host} does not resolve here",
            "It is a public name: compare `base_url`, and let the DNS resolve public names.",
        ),
        Failure.CONNECTION_REFUSED: (
            "{address} refuses the connection",
            "Compare `base_url`: MaaS listens on 443.",
        ),
        Failure.CONNECT_TIMEOUT: (
            "{address} accepts no connection within {timeout:g} s",
            "The VPC needs a way out (`network.egress`: NAT gateway, EIP, SNAT entries); from "
            "another place, set {variable} to a proxy.",
        ),
        Failure.READ_TIMEOUT: (
            "no data arrived for {timeout:g} s",
            "Ask for less, or in a stream: a model that thinks sends that first.",
        ),
        Failure.CERTIFICATE: (
            "the certificate of {address} is not trusted",
            "Check what is between this machine and the internet, and SSL_CERT_FILE.",
        ),
        Failure.TLS: ("the TLS handshake with {address} failed", "Write https in `base_url`."),
        Failure.CONNECTION: (
            "the connection to {address} broke",
            "Retry; if it happens again, check the way out of the VPC.",
        ),
        Failure.BROKEN_OFF: ("MaaS broke off the answer", "Retry; if it lasts, ask Huawei Cloud."),
    },
    "eas": {
        Failure.MODEL_UNKNOWN: ("{status}, no model {model}", "Name one of {models}."),
        Failure.CONTENT: ("{status}, the text is refused for its content", "Rephrase the message."),
        Failure.UPSTREAM: ("{status}, the service failed", "Look at the logs of the service."),
        Failure.NAME: (
            "the name {host} does not resolve here",
            f"{_INSIDE}: the shared gateway's name resolves in VPCs of its region, a dedicated "
            "gateway's in linked VPCs.",
        ),
        Failure.CONNECTION_REFUSED: (
            "{address} refuses the connection",
            "Use http unless the gateway has a certificate, and the address of the outputs.",
        ),
        Failure.CONNECT_TIMEOUT: (
            "{address} accepts no connection within {timeout:g} s",
            f"{_INSIDE}; check the route to the gateway, and its access list.",
        ),
        Failure.READ_TIMEOUT: (
            "no data arrived for {timeout:g} s",
            "Allow more time or ask for less; at the service `rpc.keepalive` applies.",
        ),
        Failure.CERTIFICATE: (
            "the certificate of {address} is not trusted",
            "Use http, or set SSL_CERT_FILE to the file of its authority.",
        ),
        Failure.TLS: ("the TLS handshake with {address} failed", "Use http, as the outputs do."),
        Failure.CONNECTION: (
            "the connection to {address} broke",
            "Retry; if it happens again, look at the instances of the service.",
        ),
        Failure.BROKEN_OFF: (
            "the service broke off the answer",
            "Retry; if it happens again, look at its logs.",
        ),
    },
}


def text_of(failure: Failure, kind: Kind) -> tuple[str, str]:
    """Return what is wrong and the advice, for a kind of service."""
    return _OTHERS.get(kind, {}).get(failure, failure.value)
