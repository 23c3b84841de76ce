"""Settings of a model service of Huawei ModelArts MaaS, which exists outside the stack."""

from __future__ import annotations

from pydantic import Field

from dashlink.maas.catalog import Protocol
from dashlink.types import Secret, SettingsModel


class MaasServiceSettings(SettingsModel):
    """Models of Huawei ModelArts MaaS, on the internet: an address, names of models, a key."""

    base_url: str = Field(
        examples=[
            "https://api.modelarts-maas.com",
            "https://api-ap-southeast-1.modelarts-maas.com",
            "https://maas-cn-southwest-2.modelarts-maas.com/v1/infers/<id>",
        ]
    )
    """URL before the path of a protocol, https. Known: `https://api.modelarts-maas.com` (mainland),
    `https://api-ap-southeast-1.modelarts-maas.com` (Hong Kong); of a single service
    `https://maas-….modelarts-maas.com/v1/infers/<id>`. Another one is a warning.
    """
    protocols: tuple[Protocol, ...] | None = None
    """Protocols that the models answer: `openai` (`/openai/v1`), `v1` (`/v1`), `v2` (`/v2`),
    `anthropic` (`/anthropic`); clients get the first. Default: `openai`; `v1`, the only one, of a
    single service.
    """
    models: tuple[str, ...] = ()
    """Names of models, exactly as the console shows them."""
    default_model: str | None = None
    """Model that client files name; default: the first of `models`."""
    api_key: Secret | None = None
    """Key of the service, `{config: key}`; required where an AI service uses it."""
    key_label: str | None = None
    """Label of the key in the console, to find it there: 1 to 100 letters, digits, `_`, `-`."""
    key_description: str | None = None
    """Description of the key in the console, 1 to 100 characters."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Limit of the account for these models, where Huawei has granted another; for warnings and
    notes. Default: the default limit of the model.
    """
