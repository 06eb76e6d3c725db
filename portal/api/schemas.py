"""The forms of what is taken and given, as JSON Schema: the document shows them, and bodies are held against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.domain.meters import MOST_READINGS
from portal.domain.words import N_
from portal.intake.raw import MOST_GIVEN

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer"}
UID: Schema = {"type": "string", "format": "uuid"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
# Exact decimals leave as text, so that no reader's binary numbers change them.
NUMBER: Schema = {
    "type": "string",
    "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
    "description": N_("An exact decimal number as text."),
}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
# Names of columns and parameters.
NAMES = r"^[!-~]{1,80}$"
# What people type, or a number that a machine spells.
TYPED: Schema = {"type": ["string", "number", "null"]}
TYPED_TEXT: Schema = {"type": ["string", "null"]}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def given(**properties: Schema) -> Schema:
    """An object that always has all of these and nothing else."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def taken(required: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """An object of a body: what isn't named here is refused."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def list_of(schema: Schema, *, least: int | None = None, most: int | None = None) -> Schema:
    """A list of things of one form."""
    bounds = {"minItems": least, "maxItems": most}
    found = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"type": "array", "items": schema, **found}


def map_of(schema: Mapping[str, Any], *, most: int | None = None) -> Schema:
    """An object with keys of the caller's own, `most` of them at the most."""
    bounds = {} if most is None else {"maxProperties": most}
    return {
        "type": "object",
        "propertyNames": {"pattern": NAMES},
        "additionalProperties": schema,
        **bounds,
    }


def page_of(items: Schema) -> Schema:
    """One page of a list; `next` is the cursor of the page after it, null on the last one."""
    return given(items=list_of(items), next=nullable(TEXT))


PLACE = given(
    code=TEXT,
    pointer=TEXT,
    message=TEXT,
    severity={"type": "string", "enum": ["error", "question", "warning"]},
    readings=list_of(TEXT),
)
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": COUNT,
        "detail": TEXT,
        "code": TEXT,
        "request": TEXT,
        "problems": list_of(PLACE),
    },
    "required": ["type", "title", "status", "detail", "code", "request"],
    "additionalProperties": False,
}
CHANGE = given(column=TEXT, typed=TEXT, read=TEXT)

TOTALS = given(
    kg_scope1=NUMBER,
    kg_scope2_location=NUMBER,
    kg_scope2_market=NUMBER,
    kg_scope3=NUMBER,
)
INVENTORY = given(year=COUNT, uid=UID, state=TEXT, version=COUNT, changed_at=MOMENT)
INVENTORIES = given(items=list_of(INVENTORY))
INVENTORY_DETAIL = given(
    year=COUNT,
    uid=UID,
    state=TEXT,
    version=COUNT,
    changed_at=MOMENT,
    line_count=COUNT,
    unfinished_count=COUNT,
    evidenced_count=COUNT,
    not_applicable_count=COUNT,
    output_count=COUNT,
    totals=TOTALS,
)
CHECK = given(
    mark=TEXT,
    may_be_submitted=FLAG,
    blocking=list_of(PLACE),
    warning_count=COUNT,
    unexplained_count=COUNT,
    totals=TOTALS,
)
SUBMIT = taken(("declared", "mark"), declared={"type": "boolean", "enum": [True]}, mark=TEXT)

_LINE_COLUMNS: Mapping[str, Schema] = {
    "category": TYPED_TEXT,
    "quantity": TYPED,
    "unit": TYPED_TEXT,
    "site": TYPED_TEXT,
    "period": TYPED_TEXT,
    "start": TYPED_TEXT,
    "end": TYPED_TEXT,
    "note": TYPED_TEXT,
    "parameters": map_of({"type": ["string", "number", "null"]}, most=MOST_GIVEN),
    "confirmed": map_of(TEXT, most=MOST_GIVEN),
}
LINE_INPUT = taken((), **_LINE_COLUMNS)
LINES_INPUT = taken(("lines",), lines=list_of(LINE_INPUT, least=1, most=200), keep_unfinished=FLAG)
LINE_CHANGE = taken((), **_LINE_COLUMNS, keep_unfinished=FLAG)
RESULT = given(
    scope=COUNT,
    kg_co2e=NUMBER,
    kg_co2e_market=nullable(NUMBER),
    kg_co2_biogenic=nullable(NUMBER),
    quality=nullable(COUNT),
    factor=nullable(TEXT),
)
LINE = given(
    key=UID,
    version=COUNT,
    position=COUNT,
    is_complete=FLAG,
    values=map_of(TEXT),
    raw=map_of({"type": ["string", "object"]}),
    confirmed=map_of(TEXT),
    result={**RESULT, "type": ["object", "null"]},
    problems=list_of(PLACE),
    changes=list_of(CHANGE),
    changed_at=MOMENT,
)
LINES = page_of(LINE)
LINES_SAVED = given(lines=list_of(LINE))

OUTPUT_INPUT = taken(
    ("product", "quantity", "unit"),
    product=TYPED_TEXT,
    quantity=TYPED,
    unit=TYPED_TEXT,
    confirmed=map_of(TEXT, most=MOST_GIVEN),
)
OUTPUT = given(uid=UID, product=TEXT, quantity=NUMBER, unit=TEXT)
OUTPUTS = page_of(OUTPUT)
OUTPUT_SAVED = given(uid=UID, product=TEXT, quantity=NUMBER, unit=TEXT, changes=list_of(CHANGE))

METER = given(
    uid=UID,
    code=TEXT,
    serial=TEXT,
    name=TEXT,
    kind=TEXT,
    site=TEXT,
    category=TEXT,
    unit=TEXT,
    counting=TEXT,
    zone=TEXT,
    starts_on=DAY,
    ends_on=nullable(DAY),
    last_at=nullable(MOMENT),
)
METERS = page_of(METER)
METER_MONTH = given(
    month=TEXT,
    first_day=DAY,
    last_day=DAY,
    amount=nullable(NUMBER),
    known=nullable(NUMBER),
    interpolated=nullable(NUMBER),
    oddities=list_of(TEXT),
    obstacle=nullable(PLACE),
)
METER_MONTHS = given(unit=TEXT, items=list_of(METER_MONTH))
READING_INPUT = taken(
    ("meter", "ts", "value", "unit"),
    meter=TYPED_TEXT,
    ts=TYPED_TEXT,
    value=TYPED,
    unit=TYPED_TEXT,
    start=TYPED_TEXT,
    reason=TYPED_TEXT,
)
READINGS_INPUT = taken(("readings",), readings=list_of(READING_INPUT, least=1, most=MOST_READINGS))
READINGS_SAVED = given(kept=COUNT, repeated=COUNT, flags=list_of(PLACE))

EVIDENCE = given(
    uid=UID,
    name=TEXT,
    size=COUNT,
    media_type=TEXT,
    sha256=SHA256,
    flags=list_of(TEXT),
    uploaded_at=MOMENT,
)
EVIDENCE_PAGE = page_of(EVIDENCE)

_ACTION_TEXTS = [
    "lever",
    "name",
    "site",
    "area",
    "category",
    "ledger",
    "method",
    "unit",
    "to_category",
    "to_unit",
    "how",
    "start",
    "owner_name",
    "owner_post",
    "supervisor_name",
    "supervisor_post",
    "status",
    "stopped_reason",
    "note",
    "explanation",
]
_ACTION_NUMBERS = [
    "percent",
    "quantity",
    "to_quantity",
    "leakage_t",
    "stated_t",
    "ramp_months",
    "lifetime_years",
    "capex",
    "opex",
    "money_saved",
    "water_m3",
    "energy_kwh",
    "waste_t",
]
MILESTONE_INPUT = taken(("name", "due"), name=TYPED_TEXT, due=TYPED_TEXT, done=TYPED_TEXT)
ACTION_INPUT = taken(
    ("name", "category", "method"),
    **dict.fromkeys(_ACTION_TEXTS, TYPED_TEXT),
    **dict.fromkeys(_ACTION_NUMBERS, TYPED),
    may_be_copied=FLAG,
    milestones=list_of(MILESTONE_INPUT, most=12),
    confirmed=map_of(TEXT, most=MOST_GIVEN),
)
MILESTONE = given(name=TEXT, due_on=DAY, done_on=nullable(DAY))
ACTION = given(
    uid=UID,
    version=COUNT,
    lever=TEXT,
    name=TEXT,
    site=nullable(TEXT),
    area=TEXT,
    category=TEXT,
    ledger=TEXT,
    method=TEXT,
    kg_saving=NUMBER,
    basis_year=nullable(COUNT),
    start_on=DAY,
    ramp_months=COUNT,
    lifetime_years=COUNT,
    owner_name=TEXT,
    owner_post=TEXT,
    supervisor_name=TEXT,
    supervisor_post=TEXT,
    capex=NUMBER,
    opex=NUMBER,
    money_saved=NUMBER,
    water_m3=NUMBER,
    energy_kwh=NUMBER,
    waste_t=NUMBER,
    status=TEXT,
    stopped_reason=TEXT,
    note=TEXT,
    explanation=TEXT,
    may_be_copied=FLAG,
    milestones=list_of(MILESTONE),
    evidence=list_of(UID),
)
ACTIONS = page_of(ACTION)

SUBMISSION = given(
    uid=UID,
    member=UID,
    year=COUNT,
    kind=TEXT,
    number=COUNT,
    state=TEXT,
    digest=SHA256,
    submitted_at=MOMENT,
    decided_at=nullable(MOMENT),
    line_count=COUNT,
    totals=TOTALS,
)
SUBMISSIONS = page_of(SUBMISSION)
EVENT = given(kind=TEXT, at=MOMENT, reason=TEXT)
SUBMISSION_DETAIL = given(submission=SUBMISSION, history=list_of(EVENT))

CERTIFICATE = given(
    uid=UID,
    number=TEXT,
    member=UID,
    year=COUNT,
    kind=TEXT,
    level=TEXT,
    standing=TEXT,
    issued_at=MOMENT,
    valid_until=DAY,
    facts_digest=SHA256,
)
CERTIFICATES = page_of(CERTIFICATE)

SITE = given(
    uid=UID,
    code=TEXT,
    name_zh=TEXT,
    name_en=TEXT,
    kind=TEXT,
    country=TEXT,
    province=nullable(TEXT),
    is_active=FLAG,
)
SITES = page_of(SITE)
OPTION = given(code=TEXT, name_zh=TEXT, name_en=TEXT)
PARAMETER = given(
    name=TEXT,
    kind=TEXT,
    name_zh=TEXT,
    name_en=TEXT,
    unit=TEXT,
    is_required=FLAG,
    options=list_of(OPTION),
)
CATEGORY = given(
    id=TEXT,
    scope=COUNT,
    ghg_category=COUNT,
    name_zh=TEXT,
    name_en=TEXT,
    units=list_of(TEXT),
    parameters=list_of(PARAMETER),
)
CATEGORIES = given(items=list_of(CATEGORY))
FACTOR = given(
    id=TEXT,
    name_zh=TEXT,
    name_en=TEXT,
    region=TEXT,
    valid_from=DAY,
    valid_to=nullable(DAY),
    unit=TEXT,
    numbers=map_of(NUMBER),
    gwp_set=TEXT,
    source=TEXT,
    source_table=TEXT,
    source_year=COUNT,
    verification=TEXT,
    confidence=TEXT,
)
FACTORS = given(
    edition=TEXT,
    published_on=TEXT,
    digest=SHA256,
    items=list_of(FACTOR),
    next=nullable(TEXT),
)

MEMBER = given(
    uid=UID, code=TEXT, name_zh=TEXT, name_en=TEXT, sector=TEXT, status=TEXT, joined_on=DAY
)
MEMBER_STANDING = given(
    member=MEMBER, year=COUNT, state=TEXT, kg_total=nullable(NUMBER), quality=nullable(NUMBER)
)
MEMBERS = page_of(MEMBER_STANDING)
MEMBER_YEAR = given(
    year=COUNT,
    state=TEXT,
    submission=nullable(UID),
    certificate=nullable(UID),
    kg_total=nullable(NUMBER),
)
MEMBER_DETAIL = given(member=MEMBER, sites=list_of(SITE), years=list_of(MEMBER_YEAR))
PROGRESS = given(
    member=UID,
    code=TEXT,
    kg_base=NUMBER,
    kg_target=NUMBER,
    kg_actual=NUMBER,
    kg_verified=NUMBER,
    kg_expected=NUMBER,
    level=TEXT,
    submission=UID,
)
PROGRESS_PAGE = page_of(PROGRESS)
YEAR_TOTALS = given(year=COUNT, totals=TOTALS)
ALLIANCE_TOTALS = given(
    alliance=TEXT,
    years=list_of(YEAR_TOTALS),
    members=map_of(COUNT),
    waiting=COUNT,
)

# Under which name the document keeps each form that several answers share.
NAMED: Mapping[str, Schema] = {
    "Problem": PROBLEM,
    "Inventory": INVENTORY_DETAIL,
    "Inventories": INVENTORIES,
    "Check": CHECK,
    "Submit": SUBMIT,
    "Line": LINE,
    "Lines": LINES,
    "LinesInput": LINES_INPUT,
    "LineChange": LINE_CHANGE,
    "LinesSaved": LINES_SAVED,
    "OutputInput": OUTPUT_INPUT,
    "Output": OUTPUT,
    "OutputSaved": OUTPUT_SAVED,
    "Outputs": OUTPUTS,
    "Meter": METER,
    "Meters": METERS,
    "MeterMonths": METER_MONTHS,
    "ReadingsInput": READINGS_INPUT,
    "ReadingsSaved": READINGS_SAVED,
    "Evidence": EVIDENCE,
    "EvidencePage": EVIDENCE_PAGE,
    "ActionInput": ACTION_INPUT,
    "Action": ACTION,
    "Actions": ACTIONS,
    "Submission": SUBMISSION,
    "SubmissionDetail": SUBMISSION_DETAIL,
    "Submissions": SUBMISSIONS,
    "Certificate": CERTIFICATE,
    "Certificates": CERTIFICATES,
    "Sites": SITES,
    "Categories": CATEGORIES,
    "Factors": FACTORS,
    "Members": MEMBERS,
    "Member": MEMBER_DETAIL,
    "Progress": PROGRESS_PAGE,
    "Totals": ALLIANCE_TOTALS,
}
