"""The kinds of values that settings are made of: each with its rule, its message and its form in a JSON Schema.

An id may also be a Pulumi output of another resource: it is told by its `apply`, so that nothing here imports pulumi.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from dashlink.errors import shown

# Zone ids end in a letter, with or without a dash before it: cn-beijing-h, cn-shanghai-finance-1b, ap-southeast-1a
# (Alibaba Cloud, "Regions and zones", 2026).
_ZONE = re.compile(r"(?P<region>[a-z]{2}(?:-[a-z]+)+(?:-\d+)?)-?(?P<letter>[a-z])")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+(?:-\d+)?")
_TAG_KEY_LONGEST = 128  # Alibaba Cloud, TagResources: key at most 128 characters, value at most 128, 20 tags a resource
_TAGS_MOST = 20


class SettingsModel(BaseModel):
    """Base of all settings: what is written cannot be changed, and a key that is unknown is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ResourceModel(BaseModel):
    """Base of what resources of our own provider are made of: camelCase for Pulumi, snake_case in Python."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        alias_generator=to_camel,
        populate_by_name=True,
    )


class SecretRef(SettingsModel):
    """A secret of the stack's configuration, by its key: `pulumi config set --secret dashlink:<key>` puts it there."""

    config: str = Field(pattern=r"^[A-Za-z][0-9A-Za-z_-]{0,63}$")
    """The key in the `dashlink:` namespace."""


def wrong(problem: str, advice: str) -> PydanticCustomError:
    """An error of one value: ``problem`` without a full stop, ``advice`` as a sentence."""
    # Only our own words pass through the template, so braces in a value cannot be taken for places.
    return PydanticCustomError("dashlink", "{problem}", {"problem": problem, "advice": advice})


def zone_letter(zone: str) -> str:
    """The letter of a zone: ``h`` of ``cn-beijing-h``."""
    return zone[-1]


def is_zone(value: Any) -> bool:
    """Whether ``value`` has the form of a zone's id."""
    return isinstance(value, str) and bool(_ZONE.fullmatch(value))


def zone_in_region(zone: str, region: str) -> bool:
    """Whether ``zone`` is a zone of ``region`` by its name."""
    return bool(re.fullmatch(rf"{re.escape(region)}-?[a-z]", zone))


def _known_text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("not text", "Write it as plain text.")
    return value


def _id_checker(prefix: str, example: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if hasattr(value, "apply"):
            return value
        text = _known_text(value)
        if not re.fullmatch(rf"{prefix}-[0-9A-Za-z-]+", text):
            raise wrong(
                f"not an id of this kind: it starts with `{prefix}-`",
                f"Copy it from the console, e.g. {example}.",
            )
        return text

    return check


def _secret(value: Any) -> Any:
    """A reference, or an output of a program; never the secret itself, which is not shown either."""
    if hasattr(value, "apply") or isinstance(value, SecretRef):
        return value
    if isinstance(value, Mapping) and set(value) == {"config"} and isinstance(value["config"], str):
        return SecretRef(config=value["config"])
    advice = (
        "Write {config: myKey}, and put it there by `pulumi config set --secret dashlink:myKey`."
    )
    raise PydanticCustomError("dashlink_secret", "secret", {"advice": advice})


def _zone(value: Any) -> str:
    text = _known_text(value)
    if not is_zone(text):
        raise wrong("not a zone", "Write the zone's id, e.g. cn-beijing-h.")
    return text


def _region(value: Any) -> str:
    text = _known_text(value)
    if not _REGION.fullmatch(text):
        raise wrong("not a region", "Write the region's id, e.g. cn-beijing.")
    return text


def _cidr(value: Any) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    text = _known_text(value)
    try:
        return IPv4Network(text)
    except ValueError:
        pass
    try:
        meant = IPv4Network(text, strict=False)
    except ValueError:
        raise wrong("not an IPv4 block", "Write address and length, e.g. 10.20.0.0/16.") from None
    raise wrong("the address is not the first of its block", f"Write {meant}.")


def _tags(value: Mapping[str, str]) -> Mapping[str, str]:
    # Alibaba Cloud, TagResources (VPC, ECS, PrivateLink), 2026: these beginnings are the cloud's own.
    if len(value) > _TAGS_MOST:
        raise wrong(
            f"{len(value)} tags", f"The cloud takes at most {_TAGS_MOST} a resource: remove some."
        )
    for key, text in value.items():
        if not key or len(key) > _TAG_KEY_LONGEST or len(text) > _TAG_KEY_LONGEST:
            raise wrong(
                f"tag {shown(key)!r} is empty or too long",
                "Keys and values have at most 128 characters.",
            )
        if key.lower().startswith(("aliyun", "acs:", "http://", "https://")):
            raise wrong(
                f"tag {shown(key)!r} starts with a word of the cloud's own", "Choose another key."
            )
    return value


def _text_schema(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


_NETWORK_TEXT = PlainSerializer(str, return_type=str, when_used="json")

ZoneId = Annotated[str, BeforeValidator(_zone), _text_schema("cn-beijing-h")]
Region = Annotated[str, BeforeValidator(_region), _text_schema("cn-beijing")]
Cidr = Annotated[IPv4Network, BeforeValidator(_cidr), _NETWORK_TEXT, _text_schema("10.20.0.0/16")]
Tags = Annotated[Mapping[str, str], AfterValidator(_tags)]

_SECRET_SCHEMA = WithJsonSchema(
    {
        "type": "object",
        "properties": {
            "config": {
                "type": "string",
                "description": "Key of a secret in the `dashlink:` namespace.",
            }
        },
        "required": ["config"],
        "additionalProperties": False,
    }
)

if TYPE_CHECKING:
    from pulumi import Output

    Secret: TypeAlias = SecretRef | Output[str]
    GatewayId: TypeAlias = str | Output[str]

    VpcId: TypeAlias = str | Output[str]
    VSwitchId: TypeAlias = str | Output[str]
    SecurityGroupId: TypeAlias = str | Output[str]
else:
    Secret = Annotated[Any, BeforeValidator(_secret), _SECRET_SCHEMA]
    GatewayId = Annotated[
        Any,
        BeforeValidator(_id_checker("gw", "gw-cq2vundlhtg4abc")),
        _text_schema("gw-cq2vundlhtg4abc"),
    ]
    VpcId = Annotated[
        Any,
        BeforeValidator(_id_checker("vpc", "vpc-2ze0abc1def2")),
        _text_schema("vpc-2ze0abc1def2"),
    ]
    VSwitchId = Annotated[
        Any,
        BeforeValidator(_id_checker("vsw", "vsw-2ze0abc1def2")),
        _text_schema("vsw-2ze0abc1def2"),
    ]
    SecurityGroupId = Annotated[
        Any, BeforeValidator(_id_checker("sg", "sg-2ze0abc1def2")), _text_schema("sg-2ze0abc1def2")
    ]
