"""The files of a bundle that follow from others in it: readable tables, traces, factors, the words that explain it.

A recomputation makes them anew and holds them against what is there, so that no table can say other than the frozen content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from string import Template
from typing import Any

from portal import data
from portal.calculation.factors import Edition, Factor
from portal.domain.evidence import MEDIA_TYPES
from portal.domain.submissions import Kind
from portal.services.bundles.tables import Cell, table_bytes

_ENDINGS = {media: kind.value for kind, media in MEDIA_TYPES.items()}
# Their own words, not those of the message catalogues: a better translation must not change what was taken home.
_KINDS = {
    Kind.BASELINE: ("排放清单", "Inventory"),
    Kind.PLAN: ("减排计划", "Reduction plan"),
    Kind.PROGRESS: ("进展报告", "Progress report"),
    Kind.RESTATEMENT: ("重新计算", "Recalculation"),
}
_LINES = [
    "position",
    "key",
    "scope",
    "category",
    "category_en",
    "category_zh",
    "site",
    "start",
    "end",
    "quantity",
    "unit",
    "parameters",
    "kg_co2e",
    "kg_co2e_market",
    "kg_co2_biogenic",
    "quality",
    "factors",
    "evidence",
    "note",
]
_TARGETS = [
    "key",
    "kind",
    "part",
    "scopes",
    "product",
    "base_year",
    "target_year",
    "percent",
    "pathway",
    "net_zero_year",
    "base",
    "goal",
    "unit",
    "is_main",
    "note",
]
_ACTIONS = [
    "position",
    "key",
    "name",
    "status",
    "ledger",
    "category",
    "category_en",
    "category_zh",
    "site",
    "start",
    "ramp_months",
    "lifetime_years",
    "method",
    "kg_saving",
    "kg_source",
    "kg_expected",
    "kg_measured",
    "is_verified",
    "capex",
    "opex",
    "money_saved",
    "cost_per_t",
    "evidence",
    "note",
]
_ADJUSTMENTS = ["key", "year", "category", "category_en", "category_zh", "kg_change", "reason"]
_EVIDENCE = ["sha256", "name", "size", "media_type", "flags", "supports", "file"]


def json_bytes(value: object) -> bytes:
    """JSON to be read by people too: keys in order, a line each."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def read_json(content: bytes) -> Any:
    """Read back what json_bytes wrote."""
    return json.loads(content)


def tables_of(content: Mapping[str, Any]) -> dict[str, bytes]:
    """The parts of frozen content as tables."""
    found = {}
    if content["kind"] == Kind.BASELINE:
        found["lines.csv"] = table_bytes(_LINES, map(_line, content["lines"]))
    if "targets" in content:
        found["targets.csv"] = table_bytes(_TARGETS, map(_row, content["targets"]))
    if "actions" in content:
        found["actions.csv"] = table_bytes(_ACTIONS, map(_row, content["actions"]))
    if "adjustments" in content:
        found["adjustments.csv"] = table_bytes(_ADJUSTMENTS, map(_row, content["adjustments"]))
    return found


def traces_of(content: Mapping[str, Any]) -> bytes:
    """How each line and each estimate of a saving was worked out, step by step."""
    sites = {site["code"]: site for site in content.get("sites", ())}
    lines = [_trace(line, sites[line["site"]]) for line in content.get("lines", ())]
    estimates = [
        {"key": action["key"], "name": action["name"], "estimate": action["estimate"]}
        for action in content.get("actions", ())
        if "estimate" in action
    ]
    return json_bytes({"lines": lines, "estimates": estimates})


def factors_of(editions: Iterable[tuple[Edition, Iterable[Factor]]]) -> bytes:
    """The factors that were used, by edition."""
    return json_bytes(
        {
            "editions": [
                {
                    "code": edition.code,
                    "digest": edition.digest,
                    "published_on": edition.published_on.isoformat(),
                    "factors": [row.as_json() for row in rows],
                }
                for edition, rows in editions
            ]
        }
    )


def evidence_table(content: Mapping[str, Any], *, with_files: bool) -> bytes:
    """The files that support the submission, with the positions of the lines or actions that they support."""
    supports: dict[str, list[str]] = {}
    for part in (*content.get("lines", ()), *content.get("actions", ())):
        for sha256 in part["evidence"]:
            supports.setdefault(sha256, []).append(str(part["position"]))
    return table_bytes(
        _EVIDENCE,
        (
            {
                **{name: file[name] for name in ("sha256", "name", "size", "media_type")},
                "flags": " ".join(file["flags"]),
                "supports": " ".join(supports.get(file["sha256"], ())),
                "file": evidence_name(file) if with_files else "",
            }
            for file in content["evidence"]
        ),
    )


def evidence_name(file: Mapping[str, Any]) -> str:
    """Where a file lies in the bundle: by its digest, so that no name that a person typed becomes a path."""
    return f"evidence/{file['sha256']}.{_ENDINGS.get(file['media_type'], 'bin')}"


def readme_of(about: Mapping[str, Any], content: Mapping[str, Any]) -> bytes:
    """What is in the bundle and how it is checked, in both languages."""
    kind = _KINDS[Kind(content["kind"])]
    quarter = content.get("quarter")
    words = Template(data.load_bundle_readme()).substitute(
        alliance_zh=_one_line(about["alliance"]["name_zh"]),
        alliance_en=_one_line(about["alliance"]["name_en"]),
        member_zh=_one_line(content["member"]["name_zh"]),
        member_en=_one_line(content["member"]["name_en"] or ""),
        member_code=content["member"]["code"],
        kind_zh=kind[0],
        kind_en=kind[1],
        period=f"{content['year']} Q{quarter}" if quarter else content["year"],
        number=about["submission"]["number"],
        digest=about["submission"]["digest"],
    )
    return words.encode()


def _line(line: Mapping[str, Any]) -> dict[str, Cell]:
    parameters = sorted(line["parameters"].items())
    return _row(line) | {
        "parameters": "; ".join(f"{name}={value}" for name, value in parameters),
        "factors": " ".join(use["id"] for use in line["assessment"]["factors"]),
    }


def _row(part: Mapping[str, Any]) -> dict[str, Cell]:
    """A part of frozen content, its lists counted or joined."""
    return dict(_cells(part))


def _cells(part: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    for name, value in part.items():
        if isinstance(value, bool):
            yield name, "yes" if value else "no"
        elif isinstance(value, list):
            joined = name == "scopes"
            yield name, " ".join(map(str, value)) if joined else len(value)
        elif not isinstance(value, Mapping):
            yield name, value
    known = data.load_categories().get(part.get("category", ""))
    if known is not None:
        yield "category_en", known.name_en
        yield "category_zh", known.name_zh


def _trace(line: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    names = ("category", "quantity", "unit", "start", "end", "parameters", "site")
    return {
        "key": line["key"],
        "position": line["position"],
        "inputs": {
            **{name: line[name] for name in names},
            "country": site["country"],
            "province": site["province"],
            "has_evidence": bool(line["evidence"]),
        },
        # Where a quantity came from: readings at both ends, registers with their ratios, and what was interpolated.
        **({"meter": line["meter"]} if "meter" in line else {}),
        "result": {name: each for name, each in line["assessment"].items() if name != "trace"},
        "steps": line["assessment"]["trace"],
    }


def _one_line(words: str) -> str:
    return " ".join(words.split())
