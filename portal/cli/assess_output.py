"""What `portal assess` prints, line by line, so that a long list needs no memory: JSON or a table."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from typing import Any, Protocol, TextIO

from portal.calculation import problems as of_calculation
from portal.calculation.assessment import Assessment
from portal.calculation.lines import ActivityLine, AssessmentContext
from portal.calculation.problems import Problem
from portal.calculation.quantities import text
from portal.calculation.rollup import Totals
from portal.calculation.rounding import tonnes
from portal.calculation.trace import STEPS, FactorUse, Step, StepKind
from portal.cli.assess_input import MESSAGES, RawEntry
from portal.intake import messages as of_intake

_ALL = {**of_calculation.MESSAGES, **of_intake.MESSAGES, **MESSAGES}


class Output(Protocol):
    """Receives results in the order of the file, then the totals."""

    def begin(self) -> None:
        """Called once, first."""

    def line(self, line: ActivityLine, found: Assessment) -> None:
        """Called for each line that was computed."""

    def problems(self, entry: RawEntry, found: tuple[Problem, ...]) -> None:
        """Called for each entry with what is wrong or odd about it, if anything."""

    def end(self, totals: Totals) -> None:
        """Called once, last."""


def message(found: Problem) -> str:
    """What a problem says, in English."""
    return _ALL[found.code] % found.named_values


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@cache
def _step_head(kind: StepKind) -> str:
    return f'{{"step":"{kind}","label":{_dumps(STEPS[kind].as_json())},"formula":'


class JsonOutput:
    """One JSON document with sorted parts: lines, totals, problems."""

    def __init__(self, out: TextIO, context: AssessmentContext) -> None:
        self._out = out
        self._context = context
        self._separator = "\n"
        # Factors are the same objects line after line; the object is kept so that its identity stays its own.
        self._factors: dict[int, tuple[FactorUse, str]] = {}
        self._problems: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Open the document."""
        self._out.write('{"lines":[')

    def line(self, line: ActivityLine, found: Assessment) -> None:
        """Write one line's result."""
        # Written out because dumping a dictionary takes longer than computing it; only the key is free text.
        kg = ",".join(f'"{gas}":"{text(mass)}"' for gas, mass in found.kg.items())
        factors = ",".join(f'"{use.id}"' for use in found.factors)
        flags = ",".join(f'"{flag}"' for flag in found.flags)
        self._out.write(
            f'{self._separator}{{"key":{_dumps(line.key)},"category":"{found.category}",'
            f'"scope":{found.scope},"kg":{{{kg}}},"kg_co2e":"{text(found.kg_co2e)}",'
            f'"kg_co2e_market":"{text(found.kg_co2e_market)}",'
            f'"kg_co2_biogenic":"{text(found.kg_co2_biogenic)}",'
            f'"kg_co2e_outside":"{text(found.kg_co2e_outside)}",'
            f'"factor":{_dumps(found.factor or None)},"factors":[{factors}],'
            f'"quality":{int(found.quality)},"flags":[{flags}],'
            f'"trace":[{",".join(map(self._step, found.trace))}]}}'
        )
        self._separator = ",\n"

    def _step(self, step: Step) -> str:
        """The same as dumping Step.as_json(), with the parts that repeat from line to line written only once."""
        written = _step_head(step.kind) + _dumps(step.formula)
        if step.factor is not None:
            written += f',"factor":{self._factor(step.factor)}'
        if step.flag is not None:
            plain = step.as_json()
            written += f',"flag":{_dumps(plain["flag"])},"note":{_dumps(plain["note"])}'
        return written + "}"

    def _factor(self, use: FactorUse) -> str:
        known = self._factors.get(id(use))
        if known is None:
            known = self._factors[id(use)] = use, _dumps(use.as_json())
        return known[1]

    def problems(self, entry: RawEntry, found: tuple[Problem, ...]) -> None:
        """Keep an entry's problems for the end of the document."""
        if not found:
            return
        self._problems += [
            {
                "key": entry.key,
                "line": entry.line,
                "field": each.field,
                "code": each.code,
                "severity": each.severity.value,
                "message": message(each),
                **({"readings": list(each.readings)} if each.readings else {}),
            }
            for each in found
        ]

    def end(self, totals: Totals) -> None:
        """Write totals and problems, and close the document."""
        tail = {
            "totals": {
                "1": text(totals.scope_1),
                "2": text(totals.scope_2_location),
                "2_market": text(totals.scope_2_market),
                "3": text(totals.scope_3),
            },
            "biogenic_kg_co2": text(totals.kg_co2_biogenic),
            "outside_kg_co2e": text(totals.kg_co2e_outside),
            "quality": None if totals.quality is None else text(round(totals.quality, 2)),
            "categories": {each.category: text(each.kg_co2e) for each in totals.categories},
            "problems": self._problems,
            "edition": self._context.edition.code,
            "gwp": self._context.gwp_set.value,
        }
        written = json.dumps(tail, ensure_ascii=False, indent=1)
        self._out.write(f"\n],{written[1:]}\n")


class TableOutput:
    """A table for people: one row a line, tonnes with three decimals, then the totals and the problems."""

    _COLUMNS = (("key", 14), ("category", 26), ("quantity", 22), ("scope", 5), ("t CO2e", 14))

    def __init__(self, out: TextIO, context: AssessmentContext) -> None:
        self._out = out
        self._context = context
        self._problems: list[tuple[str, Problem]] = []

    def begin(self) -> None:
        """Write the head of the table."""
        edition, gwp = self._context.edition.code, self._context.gwp_set.value
        self._out.write(f"Factor edition {edition}, potentials {gwp}\n\n")
        cells = [_fit(name, width) for name, width in self._COLUMNS]
        self._out.write(f"{'  '.join(cells)}  grade  factor\n")

    def line(self, line: ActivityLine, found: Assessment) -> None:
        """Write one line's result."""
        cells = (
            _fit(line.key, 14),
            _fit(found.category, 26),
            _fit(f"{text(line.quantity)} {line.unit}", 22, to_right=True),
            _fit(str(found.scope), 5, to_right=True),
            _fit(f"{tonnes(found.kg_co2e, 3):,}", 14, to_right=True),
            _fit(str(int(found.quality)), 5, to_right=True),
        )
        flags = f"  ({', '.join(found.flags)})" if found.flags else ""
        self._out.write(f"{'  '.join(cells)}  {found.factor or 'own factor'}{flags}\n")

    def problems(self, entry: RawEntry, found: tuple[Problem, ...]) -> None:
        """Keep an entry's problems for the end."""
        self._problems += [(entry.key, each) for each in found]

    def end(self, totals: Totals) -> None:
        """Write the totals, then the problems."""
        rows = (
            ("Scope 1", totals.scope_1),
            ("Scope 2, location-based", totals.scope_2_location),
            ("Scope 2, market-based", totals.scope_2_market),
            ("Scope 3", totals.scope_3),
            ("Biogenic CO2, outside the scopes", totals.kg_co2_biogenic),
            ("Montreal Protocol gases, outside", totals.kg_co2e_outside),
        )
        self._out.write("\n")
        for name, kg in rows:
            self._out.write(f"{name:<34}{tonnes(kg, 3):>18,} t\n")
        if totals.quality is not None:
            self._out.write(
                f"{'Data quality (1 best, 5 worst)':<34}{round(totals.quality, 2):>18}\n"
            )
        for key, each in self._problems:
            self._out.write(f"\n{key}: {each.field}: {message(each)}")
        self._out.write("\n" if self._problems else "")


def _fit(words: str, width: int, *, to_right: bool = False) -> str:
    """Pad to a width on a terminal, where Chinese characters take two places; never cut a number."""
    taken = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in words)
    padding = " " * max(width - taken, 0)
    return padding + words if to_right else words + padding
