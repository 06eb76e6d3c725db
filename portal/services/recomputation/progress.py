"""A progress report again: the year against its path, the parts of the change, proven savings, totals and forecast."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.calculation.lines import AssessmentContext
from portal.domain.actions import step_key
from portal.domain.differences import Comparison
from portal.domain.programmes import read_programme
from portal.services.bundles.chain import Chain, Handed
from portal.services.bundles.factors import context_of_content
from portal.services.progress_figures import (
    Approved,
    Reported,
    Standing,
    expected_of,
    worked_out,
)
from portal.services.recomputation.editions import Editions

_ZERO = Decimal(0)


def check_progress(
    comparison: Comparison,
    editions: Editions,
    chain: Chain,
    handed: Handed,
    programmes: Mapping[str, Mapping[str, Any]],
) -> None:
    """Work everything that follows from the reported actions out again."""
    content, file = handed.content, handed.file
    rules = content["programme"]
    comparison.compare(
        file,
        "programme",
        rules,
        {
            "number": handed.programme,
            "discount_rate": read_programme(rules["content"]).discount_rate,
            "content": programmes[str(handed.programme)],
        },
    )
    plan = chain.plan(handed.before)
    mark = None if plan is None else {n: getattr(plan, n) for n in ("number", "year", "digest")}
    comparison.compare(file, "plan", content["plan"], mark)
    reported = [_reported(chain, handed, action) for action in content["actions"]]
    again = worked_out(handed.year, handed.quarter, reported, _standing(editions, chain, handed))
    for name, value in again.items():
        comparison.compare(file, name, _in_order(name, content[name]), value)


def _in_order(name: str, stated: Any) -> Any:
    """What an early version wrote down in the order of its database."""
    if name != "basis" or "outputs" not in stated:
        return stated
    outputs = sorted(stated["outputs"], key=lambda each: (each["product"], each["unit"]))
    return {**stated, "outputs": outputs}


def _standing(editions: Editions, chain: Chain, handed: Handed) -> Standing:
    plan, years = chain.plan(handed.before), chain.inventories(handed.before)
    before = None if handed.quarter else chain.report(handed.before, handed.year - 1)
    return Standing(
        chain.series(handed.before),
        None if plan is None else plan.content,
        {
            year: Approved(years[year].number, years[year].digest, years[year].content)
            for year in (handed.year, handed.year - 1)
            if year in years
        },
        {} if before is None else {each["key"]: each for each in before.content["actions"]},
        _old_method(editions, years.get(handed.year - 1), years.get(handed.year)),
    )


def _old_method(
    editions: Editions, then: Handed | None, now: Handed | None
) -> AssessmentContext | None:
    if then is None or now is None:
        return None
    edition = editions.of(then.content["method"]["edition"])
    return context_of_content(edition, then.content, now.content["member"]["sector"])


def _reported(chain: Chain, handed: Handed, action: Mapping[str, Any]) -> Reported:
    measured = action["kg_measured"]
    return Reported(
        key=action["key"],
        status=action["status"],
        kg_expected=_expected(chain, handed, action),
        kg_measured=None if measured is None else Decimal(measured),
        measured_how=action["measured_how"],
        note=action["progress_note"],
        evidence=action["evidence"],
        reached={
            step_key(step["name"], step["due"]): step["done"]
            for step in action["milestones"]
            if step["done"]
        },
        bare=_bare(action),
    )


def _bare(action: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says by itself of an action that the plan no longer has."""
    names = (
        "key position name lever site area category ledger kg_saving start ramp_months"
        " lifetime_years cost_per_t"
    )
    return {name: action[name] for name in names.split()} | {"milestones": []}


def _expected(chain: Chain, handed: Handed, action: Mapping[str, Any]) -> Decimal:
    """What a plan that counted between the beginning of the report and its handing in had for the period."""
    stated = Decimal(action["kg_expected"])
    found = []
    for count in range(1, handed.before + 1):
        plan = chain.plan(count)
        if plan is not None:
            book = chain.book(count, last=handed.year)
            expected = expected_of(plan.content, book, handed.year, handed.quarter)
            found.append(expected.get(action["key"], _ZERO))
    return stated if stated in found else (found[-1] if found else _ZERO)
