"""Reads a part of the settings into its model: as much of it as can be read, and every fault in the rest."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from dashlink.errors import ConfigError, Fault, shown
from dashlink.types import SettingsModel
from dashlink.words import faults_of, without

_Part = TypeVar("_Part", bound=SettingsModel)


def check(
    model: type[_Part], raw: Any, where: str, follow_ups: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> tuple[_Part | None, list[Fault]]:
    """The model of ``raw``, or as much as can be checked of it; and its faults.

    ``follow_ups``: keys about which nothing can be said when a key is broken.
    """
    try:
        return model.model_validate(raw), []
    except ConfigError as error:
        return None, [inside(where, fault) for fault in error.faults]
    except ValidationError as error:
        faults = list(faults_of(error, model, where))
        if not isinstance(raw, Mapping):
            return None, faults
        rest, touched = without(raw, error)
        touched |= {key for broken in touched for key in follow_ups.get(broken, ())}
    try:
        return model.model_validate(rest), faults
    except ConfigError as error:
        further = [fault for fault in error.faults if fault.where.partition(".")[0] not in touched]
        return None, faults + [inside(where, fault) for fault in further]
    except ValidationError:
        return None, faults


def check_map(
    model: type[_Part], raw: Any, where: str, is_name: Any, advice: str
) -> tuple[dict[str, _Part], list[Fault]]:
    """The models of a map from names to parts: the whole ones, and every fault; ``advice`` says what a name is."""
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        return {}, [Fault(where, "not a map", "Write names with what belongs to them.", shown(raw))]
    found: dict[str, _Part] = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        place = f"{where}.{name}"
        if not is_name(str(name)):
            faults.append(Fault(place, "not a name for it", advice, shown(name)))
        part, own = check(model, {} if value is None else value, place)
        faults += own
        if part is not None:
            found[str(name)] = part
    return found, faults


def inside(where: str, fault: Fault) -> Fault:
    """``fault`` of a part as one of the whole."""
    return Fault(f"{where}.{fault.where}" if where else fault.where, fault.problem, fault.advice, fault.got)
