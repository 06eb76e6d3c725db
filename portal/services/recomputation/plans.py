"""A reduction plan again: estimates and costs of its actions, what they save together, its paths and its forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, assert_never
from uuid import UUID

from portal.calculation.assessment import Assessment
from portal.calculation.rounding import KG_PER_TONNE
from portal.domain.differences import Comparison
from portal.domain.levers import Method
from portal.domain.programmes import read_programme
from portal.domain.submissions import Kind
from portal.services.action_estimates import (
    assess_year,
    saving_as_stated,
    saving_of_project,
    saving_of_share,
)
from portal.services.assessments import context_with
from portal.services.bundles.chain import Chain, Handed
from portal.services.explanations import Place
from portal.services.places import day_of
from portal.services.plan_content import action_figures, worked_out
from portal.services.programmes import InForce
from portal.services.recomputation.editions import Editions
from portal.services.recomputation.inventories import WORDS
from portal.services.sources import book_of
from portal.services.target_views import view_of
from portal.store.targets import Target

_ZERO = Decimal(0)
_NONE = "none"


def check_plan(
    comparison: Comparison,
    editions: Editions,
    chain: Chain,
    handed: Handed,
    programmes: Mapping[str, Mapping[str, Any]],
) -> None:
    """Work everything that follows from targets and actions out again."""
    content, today = handed.content, day_of(handed.submitted_at)
    series, book = chain.series(handed.before), chain.book(handed.before)
    rules = programmes[str(handed.programme)]
    in_force = InForce(handed.programme, read_programme(rules), rules)
    actions = []
    for position, action in enumerate(content["actions"], start=1):
        figures = action_figures(action, book, in_force.programme.discount_rate)
        figures["position"] = position
        place = f"actions/{action['key']}"
        comparison.compare(handed.file, place, {name: action[name] for name in figures}, figures)
        _check_estimate(comparison, editions, chain, handed, action)
        actions.append({**action, **figures})
    again = worked_out(
        [view_of(target_of(each), series, today) for each in content["targets"]],
        actions,
        series,
        book,
        in_force,
        year=content["year"],
        today=today,
    )
    for name, value in again.items():
        comparison.compare(handed.file, name, content[name], value)


def target_of(frozen: Mapping[str, Any]) -> Target:
    """A frozen target as a value that is never added to a session."""
    stated = {
        name: None if frozen[name] is None else Decimal(frozen[name])
        for name in ("stated_base", "stated_now")
    }
    plain = [
        "kind",
        "part",
        "product",
        "base_year",
        "target_year",
        "pathway",
        "net_zero_year",
        "is_main",
    ]
    return Target(
        uid=UUID(frozen["key"]),
        scopes=list(frozen["scopes"]),
        percent=Decimal(frozen["percent"]),
        adopted_version=frozen["adopted_version"],
        note=frozen["note"],
        **stated,
        **{name: frozen[name] for name in plain},
    )


def _check_estimate(
    comparison: Comparison,
    editions: Editions,
    chain: Chain,
    handed: Handed,
    action: Mapping[str, Any],
) -> None:
    """The saving of an action from the amounts that its estimate was made of."""
    estimate, place = action["estimate"], f"actions/{action['key']}"
    if estimate["method"] == _NONE:  # copied from elsewhere and not estimated here yet
        comparison.compare(handed.file, f"{place}/kg_saving", action["kg_saving"], _ZERO)
        return
    comparison.compare(handed.file, f"{place}/method", action["method"], estimate["method"])
    amounts = dict(estimate["amounts"])
    uses = [
        _check_use(comparison, editions, handed, f"{place}/estimate/uses/{at}", action, use)
        for at, use in enumerate(estimate["uses"])
    ]
    method = Method(estimate["method"])
    match method:
        case Method.SHARE:
            amounts["source"] = _source(chain, handed, action, Decimal(amounts["source"]))
            found = saving_of_share(amounts["source"], Decimal(amounts["percent"]))
        case Method.QUANTITY:
            amounts["baseline"] = uses[0]
            found = saving_of_project(uses[0], _ZERO, Decimal(amounts["leakage"]))
        case Method.SWITCH:
            amounts["baseline"], amounts["project"] = uses
            found = saving_of_project(uses[0], uses[1], Decimal(amounts["leakage"]))
        case Method.STATED:
            found = saving_as_stated(_tonnes(estimate["formula"]))
        case _:
            assert_never(method)
    saving, formula = found
    stated = {
        "kg_saving": action["kg_saving"],
        "estimate": {name: estimate[name] for name in ("amounts", "formula")},
    }
    again = {"kg_saving": saving, "estimate": {"amounts": amounts, "formula": formula}}
    comparison.compare(handed.file, place, stated, again)


def _tonnes(formula: str) -> Decimal:
    """The supplier's own figure, as the sum begins with it."""
    amount, _, rest = formula.partition(" t × ")
    if not rest.startswith(str(KG_PER_TONNE)):
        raise ValueError("an own figure is stated in tonnes")
    return Decimal(amount)


def _source(chain: Chain, handed: Handed, action: Mapping[str, Any], stated: Decimal) -> Decimal:
    """What the source emitted when the estimate was made: in a version of that year which had been approved by then."""
    found = [
        book_of(each.content).kg_of(action["category"], action["site"])
        for each in _versions(chain, handed, action["basis_year"])
    ]
    return stated if stated in found else (found[-1] if found else _ZERO)


def _versions(chain: Chain, handed: Handed, year: int) -> Iterable[Handed]:
    approved = chain.submissions(handed.before, Kind.BASELINE)
    return [each for each in approved if each.year == year]


def _check_use(
    comparison: Comparison,
    editions: Editions,
    handed: Handed,
    place: str,
    action: Mapping[str, Any],
    use: Mapping[str, Any],
) -> Decimal:
    """A year of a quantity, assessed again; kg CO2e."""
    estimate = action["estimate"]
    if "parameters" not in use:
        comparison.note(
            "An estimate of an early version does not say with which parameters it was assessed: taken as stated."
        )
        return Decimal(use["kg_co2e"])
    context = context_with(
        editions.of(estimate["edition"]),
        estimate["gwp_set"],
        estimate["options"],
        estimate["sector"],
    )
    found = assess_year(
        context,
        action["basis_year"],
        category=use["category"],
        quantity=Decimal(use["quantity"]),
        unit=use["unit"],
        site=Place(use["country"], use["province"]),
        parameters=use["parameters"],
    )
    if not isinstance(found, Assessment):
        codes = ", ".join(each.code for each in found)
        comparison.tell(handed.file, place, use["kg_co2e"], f"can't be worked out again: {codes}")
        return Decimal(use["kg_co2e"])
    again = found.to_json()
    comparison.compare(handed.file, place, {name: use[name] for name in again}, again, words=WORDS)
    return found.kg_co2e
