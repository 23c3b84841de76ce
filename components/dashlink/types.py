"""The types of values in settings: each with its rule, its error message and its JSON Schema.

An id may also be a Pulumi output of another resource. An output is recognized by its `apply`, so
that no module of settings imports pulumi.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from dashlink.documented import DocumentedModel
from dashlink.errors import ConfigError, Fault, shown
from dashlink.marks import Mark
from dashlink.naming import FILE_PATH, MAX_NAME_LENGTH
from dashlink.redaction import SECRET_KEY_PATTERN, without_secrets
from dashlink.validation import faults_of

# Zone ids end in a letter, with or without a dash before it: cn-beijing-h, cn-shanghai-finance-1b,
# ap-southeast-1a (Alibaba Cloud, "Regions and zones", 2026).
_REGION = r"[a-z]{2}(?:-[a-z]+)+(?:-\d+)?"
_REGION_ADVICE = "Write the id of the region, e.g. cn-beijing."

DOMAIN_PATTERN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$"
"""A domain name in lower case."""

# Alibaba Cloud, TagResources (VPC, ECS, PrivateLink), 2026: at most 20 tags a resource, keys and
# values of at most 128 characters; keys with these prefixes belong to the cloud.
_MAX_TAGS = 20
_MAX_TAG_LENGTH = 128
_RESERVED_TAG_PREFIXES = ("aliyun", "acs:", "http://", "https://")


if TYPE_CHECKING:
    _Model = DocumentedModel
else:

    class _ModelType(type(BaseModel)):
        """Type of models that raise ConfigError instead of pydantic's ValidationError.

        Pydantic does not call the class for nested models and in `model_validate`, so that there
        the faults of all models are collected.
        """

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                return super().__call__(*args, **kwargs)
            except ValidationError as error:
                faults = map(without_secrets, faults_of(error, cls, ""))
                raise ConfigError(faults, cls.__name__) from None

    class _Model(DocumentedModel, metaclass=_ModelType): ...


class SettingsModel(_Model):
    """Base of all settings: immutable, without unknown keys.

    Raises:
        ConfigError: If a program passes invalid values, with every fault of the model.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_text_for_booleans(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what pydantic would read as a boolean, such as the text ``yes``."""
        annotation = cls.model_fields[str(info.field_name)].annotation
        if annotation in (bool, bool | None) and not isinstance(value, bool | None):
            raise PydanticKnownError("bool_type")
        return value


class SecretRef(SettingsModel):
    """Reference to a secret in the configuration of the stack.

    Store it by `pulumi config set --secret dashlink:<key>`.
    """

    config: str = Field(pattern=SECRET_KEY_PATTERN)
    """Key of the secret in the `dashlink:` namespace."""


def wrong(problem: str, advice: str) -> PydanticCustomError:
    """Return the error of one value: ``problem`` without a full stop, ``advice`` as a sentence."""
    # The template is constant, so braces in a value cannot be read as placeholders.
    return PydanticCustomError("dashlink", "{problem}", {"problem": problem, "advice": advice})


def zone_letter(zone: str) -> str:
    """Return the letter of a zone: ``h`` of ``cn-beijing-h``."""
    return zone[-1]


def zone_in_region(zone: str, region: str) -> bool:
    """Return whether ``zone`` is a zone of ``region``, by its id."""
    return re.fullmatch(rf"{re.escape(region)}-?[a-z]", zone) is not None


def is_region(value: str) -> bool:
    """Return whether ``value`` has the form of a region's id."""
    return re.fullmatch(_REGION, value) is not None


def region_faults(region: str, where: str) -> Iterator[Fault]:
    """Yield a fault if ``region`` is empty or not the id of a region."""
    if not region:
        yield Fault(where, "missing", _REGION_ADVICE, code="missing")
    elif not is_region(region):
        yield Fault(where, "not a region", _REGION_ADVICE, shown(region))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("not text", "Write plain text.")
    return value


def _is_output(value: Any) -> bool:
    return hasattr(value, "apply")


def _matching(pattern: str, problem: str, advice: str) -> Callable[[Any], str]:
    """Return a validator of texts that match ``pattern``."""

    def check(value: Any) -> str:
        text = _text(value)
        if not re.fullmatch(pattern, text):
            raise wrong(problem, advice)
        return text

    return check


def _secret(value: Any) -> Any:
    """Accept a reference or an output, and never show anything else: it may be the secret."""
    if _is_output(value) or isinstance(value, SecretRef):
        return value
    if isinstance(value, Mapping) and set(value) == {"config"} and isinstance(value["config"], str):
        return SecretRef.model_validate(value)
    advice = "Write {config: myKey}, and store it by `pulumi config set --secret dashlink:myKey`."
    raise PydanticCustomError("dashlink_secret", "secret", {"advice": advice})


def _cidr(value: Any) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    text = _text(value)
    try:
        block = IPv4Network(text, strict=False)
    except ValueError:
        advice = "Write address and prefix length, e.g. 10.20.0.0/16."
        raise wrong("not an IPv4 CIDR block", advice) from None
    if str(block.network_address) != text.partition("/")[0]:
        raise wrong("the address is not the first of its block", f"Write {block}.")
    return block


def _tags(value: Mapping[str, str]) -> Mapping[str, str]:
    if len(value) > _MAX_TAGS:
        advice = f"The cloud allows at most {_MAX_TAGS} for each resource: remove some."
        raise wrong(f"{len(value)} tags", advice)
    for key, text in value.items():
        if not key or len(key) > _MAX_TAG_LENGTH or len(text) > _MAX_TAG_LENGTH:
            advice = f"Keys and values have at most {_MAX_TAG_LENGTH} characters."
            raise wrong(f"tag {shown(key)!r} is empty or too long", advice)
        if not (key + text).isprintable():
            advice = "Remove line breaks and other control characters."
            raise wrong(f"tag {shown(key)!r} has a character that cannot be printed", advice)
        if key.lower().startswith(_RESERVED_TAG_PREFIXES):
            raise wrong(f"tag {shown(key)!r} has a reserved prefix", "Choose another key.")
    return value


def _text_schema(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


_NETWORK_TEXT = PlainSerializer(str, return_type=str, when_used="json")

_zone = _matching(
    rf"{_REGION}-?[a-z]", "not a zone", "Write the id of the zone, e.g. cn-beijing-h."
)
ZoneId = Annotated[str, BeforeValidator(_zone), _text_schema("cn-beijing-h")]
_region = _matching(_REGION, "not a region", _REGION_ADVICE)
Region = Annotated[str, BeforeValidator(_region), _text_schema("cn-beijing")]
Cidr = Annotated[IPv4Network, BeforeValidator(_cidr), _NETWORK_TEXT, _text_schema("10.20.0.0/16")]
Tags = Annotated[Mapping[str, str], AfterValidator(_tags)]

_vpc_name = _matching(
    rf"(?!https?://).{{1,{MAX_NAME_LENGTH}}}",
    "not a name of a VPC",
    f"Write 1 to {MAX_NAME_LENGTH} characters that do not begin with http:// or https://.",
)
VpcName = Annotated[str, AfterValidator(_vpc_name), _text_schema("models")]

_resource_group = _matching(
    r"rg-[0-9a-z]+",
    "not the id of a resource group",
    "Copy it from the console, e.g. rg-acfmxazb4ph6aiy.",
)
ResourceGroupId = Annotated[
    str, BeforeValidator(_resource_group), _text_schema("rg-acfmxazb4ph6aiy")
]

_ca_file = _matching(
    FILE_PATH.pattern,
    "not the absolute path of a file, or with a character that needs quotes",
    "Write it as clients see it, e.g. /etc/ssl/private-ca.pem.",
)
CaFile = Annotated[str, BeforeValidator(_ca_file), _text_schema("/etc/ssl/private-ca.pem")]

_KEY_SCHEMA = {"type": "string", "description": "Key of a secret in the `dashlink:` namespace."}
_SECRET_SCHEMA = WithJsonSchema(
    {
        "type": "object",
        "properties": {"config": _KEY_SCHEMA},
        "required": ["config"],
        "additionalProperties": False,
    }
)


def _id_type(prefix: str, example: str) -> Any:
    """Return the type of an id, or of an output that will be one."""
    problem = f"not an id that starts with `{prefix}-`"
    advice = f"Copy it from the console, e.g. {example}."
    check = _matching(rf"{prefix}-[0-9A-Za-z-]+", problem, advice)

    def check_known(value: Any) -> Any:
        return value if _is_output(value) else check(value)

    return Annotated[Any, BeforeValidator(check_known), _text_schema(example)]


if TYPE_CHECKING:
    from pulumi import Output

    Secret: TypeAlias = SecretRef | Output[str]
    EndpointId: TypeAlias = str | Output[str]
    GatewayId: TypeAlias = str | Output[str]
    VpcId: TypeAlias = str | Output[str]
    VSwitchId: TypeAlias = str | Output[str]
    SecurityGroupId: TypeAlias = str | Output[str]
    NatGatewayId: TypeAlias = str | Output[str]
    EipId: TypeAlias = str | Output[str]
    SnatTableId: TypeAlias = str | Output[str]
else:
    Secret = Annotated[Any, Mark.SECRET, BeforeValidator(_secret), _SECRET_SCHEMA]
    EndpointId = _id_type("ep", "ep-2ze0abc1def2")
    GatewayId = _id_type("gw", "gw-cq2vundlhtg4abc")
    VpcId = _id_type("vpc", "vpc-2ze0abc1def2")
    VSwitchId = _id_type("vsw", "vsw-2ze0abc1def2")
    SecurityGroupId = _id_type("sg", "sg-2ze0abc1def2")
    NatGatewayId = _id_type("ngw", "ngw-2ze0abc1def2")
    EipId = _id_type("eip", "eip-2ze0abc1def2")
    SnatTableId = _id_type("stb", "stb-2ze0abc1def2")
