"""The categories that `portal assess` takes, as JSON or as pages to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from portal.calculation.categories import Category, Parameter, ParameterKind
from portal.calculation.quantities import text


def print_categories(categories: Mapping[str, Category], *, as_json: bool) -> None:
    """Print every category with its units and parameters."""
    if as_json:
        plain = {"categories": [_as_json(each) for each in categories.values()]}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    for category in categories.values():
        click.echo(_as_page(category))


def _as_json(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "scope": category.scope,
        "ghg_category": category.ghg_category or None,
        "name": {"en": category.name_en, "zh": category.name_zh},
        "hint": {"en": category.hint_en, "zh": category.hint_zh},
        "dimensions": [each.value for each in category.dimensions],
        "units": list(category.units),
        "accepted_units": list(category.accepted_units),
        "parameters": [_parameter_as_json(each) for each in category.parameters],
    }


def _parameter_as_json(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "kind": parameter.kind.value,
        "label": {"en": parameter.name_en, "zh": parameter.name_zh},
        "hint": {"en": parameter.hint_en, "zh": parameter.hint_zh},
        "required": parameter.is_required,
        "default": parameter.default,
        "unit": parameter.unit or None,
        "least": None if parameter.least is None else text(parameter.least),
        "most": None if parameter.most is None else text(parameter.most),
        "options": [
            {"code": each.code, "label": {"en": each.name_en, "zh": each.name_zh}}
            for each in parameter.options
        ],
    }


def _as_page(category: Category) -> str:
    counted = f"scope {category.scope}"
    counted += f", category {category.ghg_category}" if category.ghg_category else ""
    rows = [
        f"{category.id}  ({counted})",
        f"    {category.name_en} / {category.name_zh}",
        f"    units: {', '.join(category.units)}",
    ]
    rows += [f"    {_parameter_as_words(each)}" for each in category.parameters]
    return "\n".join((*rows, ""))


def _parameter_as_words(parameter: Parameter) -> str:
    need = "required" if parameter.is_required else "optional"
    if parameter.default is not None:
        need = f"default {parameter.default}"
    if parameter.kind is ParameterKind.CHOICE:
        takes = " | ".join(each.code for each in parameter.options)
    else:
        takes = f"number {parameter.unit}".strip()
    return f"{parameter.name} ({need}): {takes}"
