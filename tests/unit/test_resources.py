"""The resource classes agree with their models: arguments, nested arguments, outputs, options."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, get_args, get_origin

import pulumi
import pytest

import dashlink
from dashlink.documented import field_docs
from dashlink.marks import is_model, item_type, members_of
from dashlink.provider.registry import all_handlers
from dashlink.resources import models
from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.provider import ProviderSettings

RESOURCES = {
    name: getattr(dashlink, name)
    for name in dashlink.__all__
    if isinstance(getattr(dashlink, name), type)
    and issubclass(getattr(dashlink, name), DashlinkResource)
}
every_resource = pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)


def nested_models(model):
    """The models inside a model, at any depth."""
    for field in model.model_fields.values():
        kind = plain_type(field.annotation)
        inner = plain_type(item_type(kind)) if item_type(kind) is not None else kind
        if is_model(inner):
            yield inner
            yield from nested_models(inner)


def plain_type(annotation):
    """A type without its marks and without None."""
    (kind,) = members_of(annotation)
    return kind


def is_optional(annotation):
    return type(None) in get_args(annotation)


def arguments_of(model, module):
    """The TypedDict of a nested model: `EasArgs` for `EasInputs`."""
    return getattr(module, f"{model.__name__.removesuffix('Inputs')}Args")


def input_type(annotation, module):
    """The type that a program may pass for a field of this type."""
    kind = plain_type(annotation)
    item = item_type(kind)
    if is_model(kind):
        return pulumi.Input[arguments_of(kind, module)]
    if item is not None and issubclass(get_origin(kind), Mapping):
        return pulumi.Input[Mapping[str, input_type(item, module)]]
    if item is not None:
        return pulumi.Input[Sequence[input_type(item, module)]]
    return pulumi.Input[kind]


def argument_type(field, module):
    expected = input_type(field.annotation, module)
    return expected | None if is_optional(field.annotation) else expected


def output_type(annotation):
    """The type of the value that a program gets for a field of this type."""
    kind = plain_type(annotation)
    item = item_type(kind)
    if is_model(kind):
        value = dict[str, Any]
    elif item is None:
        value = kind
    elif issubclass(get_origin(kind), Mapping):
        value = dict[str, output_type(item)]
    else:
        value = list[output_type(item)]
    return value | None if is_optional(annotation) else value


def test_every_resource_of_the_provider_has_its_class():
    served = {token for token, handler in all_handlers().items() if not handler.retired}
    assert {cls.contract.token for cls in RESOURCES.values()} == served
    for cls in RESOURCES.values():
        assert all_handlers()[cls.contract.token].contract is cls.contract


@every_resource
def test_arguments_agree_with_the_inputs_model(resource):
    fields = resource.contract.inputs.model_fields
    parameters = dict(inspect.signature(resource.__init__).parameters)
    hints = inspect.get_annotations(resource.__init__, eval_str=True)
    assert list(parameters)[:2] == ["self", "resource_name"]
    assert list(parameters)[2:] == [*fields, "opts"]
    assert hints["opts"] == pulumi.ResourceOptions | None
    for name in (*fields, "opts"):
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
    for name, field in fields.items():
        assert (parameters[name].default is inspect.Parameter.empty) == field.is_required(), name
        expected = input_type(field.annotation, sys.modules[resource.__module__])
        if not field.is_required():
            expected = expected | None
        assert hints[name] == expected, name


@every_resource
def test_nested_arguments_agree_with_their_models(resource):
    module = sys.modules[resource.__module__]
    for model in nested_models(resource.contract.inputs):
        annotations = arguments_of(model, module).__annotations__
        assert list(annotations) == list(model.model_fields)
        for name, field in model.model_fields.items():
            expected = argument_type(field, module)
            if not field.is_required():
                expected = NotRequired[expected]
            text = annotations[name].__forward_arg__
            assert eval(text, vars(module)) == expected, f"{model.__name__}.{name}"


@every_resource
def test_every_input_and_every_state_field_is_an_output(resource):
    contract = resource.contract
    fields = {**contract.inputs.model_fields, **contract.state.model_fields}
    hints = inspect.get_annotations(resource, eval_str=True)
    assert list(hints) == list(fields)
    for name, field in fields.items():
        assert hints[name] == pulumi.Output[output_type(field.annotation)], name


def test_the_provider_takes_its_settings():
    parameters = list(inspect.signature(dashlink.Provider.__init__).parameters)
    assert parameters == ["self", "resource_name", *ProviderSettings.model_fields, "opts"]


@every_resource
def test_every_field_of_a_resource_is_documented(resource):
    contract = resource.contract
    for model in (contract.inputs, contract.state, *nested_models(contract.inputs)):
        assert inspect.getdoc(model)
        assert set(field_docs(model)) == set(model.model_fields), model.__name__


def test_the_models_are_imported_without_pulumi():
    names = [path.stem for path in Path(models.__file__).parent.glob("[a-z]*.py")]
    imports = "\n".join(f"import dashlink.resources.models.{name}" for name in sorted(names))
    program = f"{imports}\nimport sys, dashlink.resources.blocks\n"
    program += "assert 'pulumi' not in sys.modules\n"
    subprocess.run([sys.executable, "-c", program], check=True)
