"""The models of MaaS: those of models.toml, unless an admin call has replaced them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from dashlink_sandbox.maas import MaasModel
from dashlink_sandbox.state import State


@cache
def first_models() -> Mapping[str, MaasModel]:
    """Return the models of an account that has changed nothing, by name."""
    text = (resources.files(__package__) / "models.toml").read_text("utf-8")
    models = {}
    for name, fields in tomllib.loads(text).items():
        models[name] = MaasModel.model_validate({"name": name, **fields})
    return models


def models_of(state: State) -> Iterator[MaasModel]:
    """Return all models of the unified hosts."""
    yield from {**first_models(), **state.maas_models}.values()


def find_model(state: State, name: str) -> MaasModel | None:
    """Return a model by its literal name; None where there is none."""
    return state.maas_models.get(name) or first_models().get(name)
