"""Holds a body against its schema: every place that hasn't the documented form, with a pointer to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from portal.api.refusals import Misfit
from portal.api.schemas import Schema

# A body that is wrong everywhere is told so in part; nobody reads a thousand sentences.
MOST_MISFITS = 100
# What `schemas.NAMES` says.
_NAME = re.compile(r"[!-~]{1,80}")


def misfits(value: Any, schema: Schema, pointer: str = "") -> Iterator[Misfit]:
    """Every place of the value that the schema doesn't describe."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is_of(value, kind) for kind in kinds):
        yield Misfit("field.kind", pointer, {"wanted": " / ".join(kinds)})
    elif "enum" in schema and value not in schema["enum"]:
        wanted = ", ".join(_spelled(each) for each in schema["enum"])
        yield Misfit("field.not_offered", pointer, {"wanted": wanted})
    elif isinstance(value, Mapping):
        yield from _of_object(value, schema, pointer)
    elif isinstance(value, list):
        yield from _of_list(value, schema, pointer)


def _of_object(value: Mapping[str, Any], schema: Schema, pointer: str) -> Iterator[Misfit]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if len(value) > schema.get("maxProperties", len(value)):
        yield Misfit("field.too_many", pointer, {"most": schema["maxProperties"]})
        return
    for name in schema.get("required", ()):
        if name not in value:
            yield Misfit("field.missing", _below(pointer, name))
    for name, each in value.items():
        place = _below(pointer, name)
        if name in known:
            yield from misfits(each, known[name], place)
        elif others is False or ("propertyNames" in schema and _NAME.fullmatch(name) is None):
            yield Misfit("field.unknown", place)
        elif others is not True:
            yield from misfits(each, others, place)


def _of_list(value: list[Any], schema: Schema, pointer: str) -> Iterator[Misfit]:
    if len(value) < schema.get("minItems", 0):
        yield Misfit("field.too_few", pointer, {"least": schema["minItems"]})
    if len(value) > schema.get("maxItems", len(value)):
        yield Misfit("field.too_many", pointer, {"most": schema["maxItems"]})
        return
    for place, each in enumerate(value):
        yield from misfits(each, schema.get("items", {}), f"{pointer}/{place}")


def _below(pointer: str, name: str) -> str:
    cut = name[:60].replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{cut}"


def _is_of(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case _:
            raise ValueError(f"nothing is known of the type {kind}")


def _spelled(value: Any) -> str:
    return {True: "true", False: "false", None: "null"}.get(value, str(value))
