"""A user's program with every resource; test_programs.py checks it, also with misspelt names."""

import pulumi

import dashlink

secrets = pulumi.Config("models")
provider = dashlink.Provider(
    "dashlink",
    region="cn-beijing",
    access_key=secrets.require_secret("accessKey"),
    assume_role={"role_arn": "acs:ram::1234:role/network"},
)
options = pulumi.ResourceOptions(provider=provider)

connection = dashlink.EndpointConnection(
    "connection",
    endpoint_id="ep-2ze0abc",
    region="cn-beijing",
    zone_ids=["cn-beijing-h", "cn-beijing-k"],
    timeout_seconds=600,
    opts=options,
)
contents = dashlink.ForeignContents(
    "contents",
    region="cn-beijing",
    security_group_id="sg-2ze0abc",
    rules=["ingress accept tcp 443/443 10.20.0.0/16 1"],
    private_zones=[
        {
            "zone_id": "0123456789abcdef",
            "hosts": ["@ CNAME"],
        }
    ],
    keep_foreign=False,
    opts=options,
)
gateway = dashlink.GatewayAddresses(
    "gateway",
    gateway_id="gw-cq2vundlhtg4abc",
    environment_id=None,
    opts=options,
)
service = dashlink.AiService(
    "studio",
    gateway_id=gateway.gateway_id,
    name="studio",
    vendor="qwen",
    address=connection.endpoint_domain.apply("http://{}/compatible-mode/v1".format),
    protocols=["OpenAI/v1"],
    api_keys=[secrets.require_secret("studioKey")],
    health_check={
        "protocol": "HTTP",
        "interval_seconds": 5,
    },
    opts=options,
)
domain = dashlink.Domain(
    "models",
    name="models.example.internal",
    protocol="HTTPS",
    certificate_id="1234567-cn-hangzhou",
    opts=options,
)
chat = dashlink.ModelApi(
    "chat",
    name="chat",
    gateway_id=gateway.gateway_id,
    environment_id=gateway.default_environment_id,
    category="Text",
    protocol="OpenAI/v1",
    base_path="/chat",
    domain_ids=[domain.id],
    routing="SingleService",
    targets=[
        {
            "service_id": service.id,
            "model": "qwen-plus",
        }
    ],
    fields=[{"key": "user", "source": "request_body", "path": "user"}],
    opts=options,
)
team = dashlink.Consumer(
    "search-team",
    name="search-team",
    api_keys=[secrets.require_secret("searchTeamKey")],
    jwt={
        "jwks": secrets.require_secret("jwks"),
        "header": "Authorization",
        "prefix": "Bearer ",
        "claim": "uid",
        "value": "search-team",
    },
    opts=options,
)
authorization = dashlink.ModelApiAuthorization(
    "chat-consumers",
    consumer_ids=[team.id],
    model_api_id=chat.id,
    environment_id=gateway.default_environment_id,
    opts=options,
)

names: pulumi.Output[str] = pulumi.Output.concat(service.name, chat.name, team.name)
zones: pulumi.Output[list[str]] = connection.zones.apply(list)
certificate: pulumi.Output[str | None] = domain.certificate_id
rules: pulumi.Output[dict[str, str]] = authorization.rule_ids
pulumi.export("rules", rules)
served = dashlink.EasService(
    "served",
    name="served",
    config="{}",
    workspace_id="1234",
    tags=[
        {
            "key": "team",
            "value": "search",
        }
    ],
    opts=options,
)
addresses = dashlink.EasAddresses(
    "addresses",
    name=served.name,
    timeout_seconds=600,
    opts=options,
)
eas_gateway = dashlink.EasGateway(
    "eas-gateway",
    name="own",
    instance_type="2c4g",
    internet_acl=[
        {
            "cidr": "10.0.0.0/8",
        }
    ],
    opts=options,
)
link = dashlink.EasGatewayLink(
    "link",
    gateway_id=eas_gateway.id,
    vpc_id="vpc-1",
    vswitch_id="vsw-1",
    peers=[
        {
            "vpc_id": "vpc-2",
            "region": "cn-beijing",
        }
    ],
    opts=options,
)
existing = dashlink.ExistingEasGateway(
    "existing",
    gateway_id="gw-1",
    timeout_seconds=60,
    opts=options,
)
asked = dashlink.MaasChatParameters(
    n=2,
    temperature=0.6,
    top_k=20,
    stop=["end"],
)
sent: list[str] = sorted(asked.openai_arguments())
