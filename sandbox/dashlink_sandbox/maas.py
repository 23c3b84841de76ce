"""Records of Huawei ModelArts MaaS, which is another cloud: keys, models, services.

An admin call creates or replaces each of them. A model without a record is as in
inside/maas/models.toml.
"""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from dashlink_sandbox.records import Record


class MaasKey(Record):
    """An API key.

    Attributes:
        key: The key itself.
        region: The region that it belongs to; empty: every region.
        addresses: The addresses and blocks that may use it; empty: every address.
        models: The models that it may call; empty: all.
        endpoints: The custom endpoints that it may call; empty: all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    region: str = ""
    addresses: list[str] = Field(default_factory=list)
    models: list[str] = Field(default_factory=list)
    endpoints: list[str] = Field(default_factory=list)


class MaasModel(Record):
    """A model of the unified hosts, and its state in this account.

    Attributes:
        name: The value of ``model`` in a request, literally.
        kind: What it does.
        protocols: The protocols of chats that it answers.
        thinking: Whether it thinks before it answers: never, always, or as a request asks, with
            ``on`` or ``off`` where it does not.
        single: It returns one choice alone.
        strict: It refuses parameters that it does not know, and its errors are those of vLLM.
        context: The longest prompt, in tokens.
        requests: The limit of requests a minute.
        tokens: The limit of tokens a minute; 0: none.
        opened: The service of this model is activated.
        free: The state of the free quota.
        frozen: It is resident, and frozen.
        moderation: ``chinese`` refuses prompts without Chinese.
        max_pixels: The largest image; 0: any.
        instances: Instances that run.
        protection: The protection that refuses requests for a while.
        slow: The back end takes longer than the gateway waits.
        behind: The model that it is a custom endpoint of; empty for a model.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Literal["chat", "embedding", "rerank"] = "chat"
    protocols: list[Literal["v1", "v2", "openai", "anthropic"]] = Field(default_factory=list)
    thinking: Literal["never", "always", "on", "off"] = "never"
    single: bool = False
    strict: bool = False
    context: int = 32_768
    requests: int = 1500
    tokens: int = 500_000
    opened: bool = True
    free: Literal["", "left", "used-up", "expired"] = ""
    frozen: bool = False
    moderation: Literal["on", "off", "chinese"] = "on"
    max_pixels: int = 0
    instances: int = 1
    protection: Literal["", "stability", "scaling"] = ""
    slow: bool = False
    behind: str = ""


class MaasService(Record):
    """A service that an account has deployed for itself, on a host of services.

    Attributes:
        service_id: Its UUID in the path.
        host: The host of services.
        model: What it answers, by its own name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    service_id: str
    host: str
    model: MaasModel


class MaasFront(Record):
    """The API gateway in front of a host. ``requests``: a minute and address; 0: no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    requests: int = 0
