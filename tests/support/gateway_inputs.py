"""Generated inputs of the gateway's resources, and a cloud without a network that takes them."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from dashlink.cloud.words import WORDS
from dashlink.gateway.catalog import ROUTES
from dashlink.provider.gateway.ai_service import service_config
from dashlink.resources.blocks import ContentSecurity, HealthCheck, LogField, OutlierDetection
from dashlink.resources.models.ai_service import (
    AiServiceInputs,
    BedrockInputs,
    EasInputs,
    VertexInputs,
)
from dashlink.resources.models.consumer import ConsumerInputs, JwtInputs, KeyPairInputs
from dashlink.resources.models.domain import DomainInputs
from dashlink.resources.models.model_api import (
    CacheInputs,
    ModelApiInputs,
    TargetInputs,
    TokenLimitInputs,
)
from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import Environment, Gateway
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.wire.request import WireRequest

GATEWAY = "gw-1"
ENVIRONMENT = "env-1"
GROUP = "rg-acfmsandboxfirst"
SPELT = {term: word.value for term, word in WORDS.items()}


def built(model, /, **properties):
    """A strategy for a model by its own names."""
    return st.fixed_dictionaries(properties).map(lambda drawn: model(**drawn))


WITHOUT_ADDRESS = {
    "pai-eas": {
        "eas": EasInputs(
            workspace_id="w", service_id="eas-m-1", service_name="llm", endpoint_type="vpc"
        )
    },
    "bedrock": {
        "bedrock": BedrockInputs(
            region="us-east-1", access_key="AKIA-one", secret_key="bedrock-secret"
        )
    },
    "vertex": {
        "vertex": VertexInputs(
            project_id="p", region="us", auth_key='{"k": 1}', auth_service="oauth.dns"
        )
    },
}


def without_address(vendor):
    return AiServiceInputs(
        gateway_id=GATEWAY, name=vendor, vendor=vendor, **WITHOUT_ADDRESS[vendor]
    )


words = st.text("abc-", min_size=1, max_size=5)
maybe_words = st.none() | words
some = st.integers(1, 1000)
secrets = st.text("abcdefgh0123", min_size=1, max_size=20)
services = st.sampled_from(["svc-1", "svc-2"])
singles = built(TargetInputs, service_id=services, model=maybe_words).map(
    lambda one: ("SingleService", (one,))
)
named = st.lists(
    built(TargetInputs, service_id=services, model=maybe_words, pattern=words),
    min_size=1,
    max_size=3,
)
by_name = named.map(lambda rows: ("MultiServiceByModelName", tuple(rows)))
weights = st.sampled_from([(100,), (90, 10), (50, 25, 25)])
by_weight = weights.flatmap(
    lambda shares: st.tuples(
        *(
            built(TargetInputs, service_id=services, model=maybe_words, weight=st.just(share))
            for share in shares
        )
    )
).map(lambda rows: ("MultiServiceByRatio", rows))
modes = st.sampled_from([SPELT["limit.per-second"], SPELT["limit.requests-per-day"]])
limits = st.one_of(
    built(
        TokenLimitInputs,
        limit_type=st.just(SPELT["limit.header"]),
        limit_mode=modes,
        tokens=some,
        key=words,
        value=maybe_words,
    ),
    built(
        TokenLimitInputs,
        limit_type=st.just(SPELT["limit.ip"]),
        limit_mode=st.just(SPELT["limit.concurrent"]),
        tokens=some,
        value=maybe_words,
    ),
    built(
        TokenLimitInputs,
        limit_type=st.just(SPELT["limit.global"]),
        limit_mode=modes,
        tokens=some,
        for_all=st.just(True),
    ),
)
guards = built(
    ContentSecurity,
    service_address=words,
    requests=st.booleans(),
    answers=st.booleans(),
    risk_level=st.sampled_from(["low", "high"]),
    buffer_kilobytes=some,
)
redis = st.fixed_dictionaries(
    {"redis_host": words, "redis_port": some},
    optional={"redis_username": words, "redis_password": secrets},
)
exact_caches = st.builds(
    lambda store, ttl: CacheInputs(mode=SPELT["cache.exact"], ttl_seconds=ttl, **store),
    st.just({}) | redis,
    some,
)
semantic_caches = built(
    CacheInputs,
    mode=st.just(SPELT["cache.semantic"]),
    ttl_seconds=some,
    embedding_service_id=services,
    embedding_model=words,
    embedding_type=st.sampled_from(["dashscope", "openai"]),
    vector_host=words,
    vector_type=st.just("dashvector"),
    vector_collection=words,
    vector_key=secrets,
    threshold=st.sampled_from([0.5, 0.9, 1.0]),
)
fields = built(
    LogField,
    key=words,
    source=st.just("request_body"),
    path=words,
    rule=st.none() | st.sampled_from(["first", "append"]),
)
observed = st.one_of(
    st.just({"statistics": False}),
    st.builds(
        lambda bodies, kept: {"statistics": True, "log_bodies": bodies, "fields": tuple(kept)},
        st.booleans(),
        st.lists(fields, max_size=2, unique_by=lambda field: field.key),
    ),
)
fallbacks = st.one_of(
    st.just({}),
    st.builds(
        lambda rows, only: {"fallbacks": tuple(rows), "fallback_only_on_upstream_codes": only},
        st.lists(
            built(TargetInputs, service_id=services, model=maybe_words), min_size=1, max_size=3
        ),
        st.booleans(),
    ),
)
scenes = st.sampled_from(sorted(ROUTES)).flatmap(
    lambda scene: st.tuples(st.just(scene), st.sampled_from(sorted(ROUTES[scene])))
)


@st.composite
def model_apis(draw):
    scene, protocol = draw(scenes)
    legacy = (scene, protocol) == ("text", "OpenAI/v1") and draw(st.booleans())
    names = [route.name for route in ROUTES[scene][protocol]]
    routing, targets = draw(st.one_of(singles, by_name, by_weight))
    return ModelApiInputs(
        name="chat",
        gateway_id=GATEWAY,
        environment_id=ENVIRONMENT,
        category=None if legacy else SPELT[f"scene.{scene}"],
        protocol=SPELT[f"protocol.{protocol}"],
        base_path=draw(st.sampled_from(["/", "/chat", "/a/b.c"])),
        remove_base_path=draw(st.booleans()),
        domain_ids=tuple(draw(st.permutations(["d-1", "d-2"]))[: draw(st.integers(0, 2))]),
        routing=routing,
        targets=targets,
        builtin_routes=draw(
            st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True).map(tuple)
        ),
        auth_type=draw(st.none() | st.sampled_from(["Apikey", "Jwt", "AkSk"])),
        first_byte_timeout_seconds=draw(st.none() | some),
        token_limits=tuple(draw(st.lists(limits, max_size=3))),
        content_security=draw(st.none() | guards),
        cache=draw(st.one_of(st.none(), exact_caches, semantic_caches)),
        description=draw(maybe_words),
        resource_group_id=GROUP,
        **draw(observed),
        **draw(fallbacks),
    )


checks = built(
    HealthCheck,
    path=st.just("/health"),
    protocol=st.sampled_from(["HTTP", "TCP", "GRPC"]),
    host=st.none() | st.just("models.example.com"),
    expected_statuses=st.none() | st.just(("200", "204")),
    interval_seconds=st.integers(1, 300),
    timeout_seconds=st.integers(1, 300),
    healthy_after=st.integers(1, 10),
    unhealthy_after=st.integers(1, 10),
)
outliers = built(
    OutlierDetection,
    interval_seconds=st.integers(1, 600),
    ejection_seconds=st.integers(1, 3600),
    failure_percent=st.integers(1, 100),
    minimum_hosts=st.integers(1, 100),
)
reached = st.one_of(
    st.sampled_from([{"vendor": vendor, **WITHOUT_ADDRESS[vendor]} for vendor in WITHOUT_ADDRESS]),
    st.sampled_from(
        [
            {"vendor": "custom", "address": "https://a.example.com/v1"},
            {"vendor": "qwen", "address": "http://b"},
        ]
    ),
)
ai_services = st.builds(
    lambda where, **more: AiServiceInputs(
        gateway_id=GATEWAY, name="studio", resource_group_id=GROUP, **where, **more
    ),
    reached,
    protocols=st.lists(words, max_size=2).map(tuple),
    compatible_protocols=st.lists(words, max_size=2).map(tuple),
    api_keys=st.lists(secrets, max_size=3, unique=True).map(tuple),
    default_model=maybe_words,
    health_check=st.none() | checks,
    outlier_detection=st.none() | outliers,
    verify=st.booleans(),
)
pairs = st.lists(
    built(KeyPairInputs, access_key=secrets, secret_key=secrets),
    max_size=2,
    unique_by=lambda p: p.access_key,
)
carried = st.one_of(
    st.just({}),
    st.builds(
        lambda keys, source: {"api_keys": tuple(keys), **source},
        st.lists(secrets, min_size=1, max_size=3, unique=True),
        st.sampled_from(
            [
                {},
                {"api_key_query": "key"},
                {"api_key_headers": ("x-a",)},
                {"api_key_headers": ("x-a", "x-b")},
            ]
        ),
    ),
)
consumers = st.builds(
    lambda source, **more: ConsumerInputs(name="search", **source, **more),
    carried,
    description=maybe_words,
    enabled=st.booleans(),
    key_pairs=pairs.map(tuple),
    jwt=st.none()
    | built(JwtInputs, jwks=secrets, header=words, prefix=words, claim=words, value=words),
)
domains = st.builds(
    lambda scheme, **more: DomainInputs(
        name="models.example.com", resource_group_id=GROUP, **scheme, **more
    ),
    st.sampled_from(
        [{"protocol": "HTTP"}, {"protocol": "HTTPS", "certificate_id": "1-cn-hangzhou"}]
    ),
    force_https=st.booleans(),
    tls_min=st.none() | st.just("TLS 1.2"),
)


OF_DASHLINK = Dialect.of(
    {"routing-by-model": "MultiServiceByModelName", "absent-fields": "cleared"}
)
"""A dialect in dashlink's first choices, for payloads that are sent as they are."""


class PaperCloud:
    """A cloud without a network: a gateway in it, and the API as it answers requests."""

    def __init__(self):
        self.cloud = Cloud(dialect=OF_DASHLINK)
        account = self.cloud.catalog.accounts[0]
        self.identity = Identity(account, account.arn)
        draft = self.cloud.draft()
        record = {"owner": account.id, "tags": {}, "resource_group_id": GROUP, "created": 0.0}
        gateway = Gateway(
            gateway_id=GATEWAY, region="cn-beijing", name="g", status="Running", **record
        )
        draft.gateways[GATEWAY] = gateway
        environment = Environment(
            environment_id=ENVIRONMENT,
            gateway_id=GATEWAY,
            name="default",
            alias="default",
            default=True,
            **record,
        )
        draft.environments[ENVIRONMENT] = environment
        self.cloud.replace(draft)
        self.empty = self.cloud.current()

    def __call__(self, method, path, body=None):
        wire = WireRequest(
            method,
            f"/v1/{path}",
            {},
            {"x-acs-version": "2024-03-27"},
            json.dumps(body or {}).encode(),
        )
        return self.cloud.perform(wire, self.identity, "127.0.0.1").get("data")

    def create(self, what, body):
        data = self("POST", what, body)
        return data.get("serviceIds", [None])[0] or next(
            value for name, value in data.items() if name.endswith("Id")
        )

    def service(self, inputs):
        config = {"name": inputs.name, "aiServiceConfig": service_config(inputs)}
        body = {"gatewayId": GATEWAY, "sourceType": "AI", "serviceConfigs": [config]}
        return self.create("services", body)

    def reset(self):
        self.cloud.replace(self.empty.draft())
        return self
