"""What was sent, before any view sees it: the query, the type of the body, its JSON, and its form."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request
from flask_babel import gettext

from portal.api.declarations import BYTES, JSON, MIB, Parameter, Route, queries_of
from portal.api.refusals import Misshapen, Refused
from portal.api.shapes import MOST_MISFITS, misfits
from portal.intake.payload import NotReadable, read_object

BODY = MIB
UPLOAD = 25 * MIB
LONGEST_VALUE = 1000
FLAGS = {"true": True, "false": False}


def read_query(declared: Route) -> Mapping[str, Any]:
    """The parameters of the query by name; whatever isn't known, is there twice or can't be meant is refused."""
    try:
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "request.malformed") from error
    known = {parameter.name: parameter for parameter in queries_of(declared)}
    found: dict[str, Any] = {}
    for name, values in request.args.lists():
        if name not in known:
            raise Refused(400, "query.unknown", name=name[:60])
        if len(values) > 1:
            raise Refused(400, "query.twice", name=name)
        found[name] = _value(known[name], values[0])
    for parameter in known.values():
        if parameter.is_required and parameter.name not in found:
            raise Refused(
                400, "query.missing", name=parameter.name, wanted=gettext(parameter.wanted)
            )
    return found


def _value(parameter: Parameter, text: str) -> Any:
    refused = Refused(400, "query.refused", name=parameter.name, wanted=gettext(parameter.wanted))
    if len(text) > LONGEST_VALUE or "\x00" in text:
        raise refused
    schema = parameter.schema
    if schema.get("enum") and text not in schema["enum"]:
        raise refused
    match schema["type"]:
        case "boolean":
            if text not in FLAGS:
                raise refused
            return FLAGS[text]
        case "integer":
            is_number = text.isascii() and text.isdigit() and len(text) <= 9
            if not is_number or not schema["minimum"] <= int(text) <= schema["maximum"]:
                raise refused
            return int(text)
        case _:
            return text


def read_body(declared: Route) -> Mapping[str, Any]:
    """The JSON of the body, held against its schema; empty where none is taken."""
    if declared.takes_bytes:
        _check_upload()
        return {}
    request.max_content_length = declared.largest
    if declared.takes is None:
        if request.get_data():
            raise Refused(415 if declared.writes else 400, "body.none_taken")
        return {}
    if request.mimetype != JSON or not _is_utf8():
        raise Refused(415, "body.type_refused", wanted=JSON)
    try:
        body = read_object(request.get_data())
    except NotReadable as error:
        raise Refused(400, error.reason) from error
    wrong = list(islice(misfits(body, declared.takes), MOST_MISFITS))
    if wrong:
        raise Misshapen(wrong)
    return body


def _is_utf8() -> bool:
    return request.mimetype_params.get("charset", "utf-8").lower() in ("utf-8", "utf8")


def _check_upload() -> None:
    request.max_content_length = UPLOAD
    if request.mimetype != BYTES:
        raise Refused(415, "body.type_refused", wanted=BYTES)
    if request.content_length is None:
        raise Refused(411, "body.length_missing")
    if request.content_length > UPLOAD:
        raise Refused(413, "body.too_large")
