"""The formulas of targets, actions and explained changes under the names that worked examples call them by."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from portal.calculation import decomposition, effects, pathways
from portal.calculation.inputs import (
    Method,
    choice,
    day,
    many,
    note,
    number,
    optional,
    pair,
    record,
    required,
)
from portal.calculation.pathways import Kind, Part, Pathway, TargetTerms
from portal.calculation.problems import refuse

_any = number()
_amount = number(least=0)
_positive = number(above=0)
_fraction = number(least=0, most=1)
_percent = number(least=0, most=100)
_year = number(least=1900, most=2300, is_whole=True)
_months = number(least=0, most=600, is_whole=True)
_lifetime = number(least=1, most=200, is_whole=True)
_growth = number(above=-1, most=1)


def _terms(
    *,
    base_year: Decimal,
    target_year: Decimal,
    percent: Decimal,
    base: Decimal = Decimal(1),
    kind: str = Kind.ABSOLUTE,
    pathway: str = Pathway.LINEAR,
    part: str = Part.ALL,
    net_zero_year: Decimal | None = None,
) -> TargetTerms:
    return TargetTerms(
        kind=Kind(kind),
        pathway=Pathway(pathway),
        part=Part(part),
        scopes=(1, 2, 3),
        base_year=int(base_year),
        target_year=int(target_year),
        percent=percent,
        base=base,
        net_zero_year=None if net_zero_year is None else int(net_zero_year),
    )


def _truth(is_so: bool) -> Decimal:
    return Decimal(int(is_so))


def _target_allowed(
    *, year: Decimal, actual: Decimal | None = None, **given: Decimal
) -> dict[str, Decimal]:
    terms = _terms(**given)  # type: ignore[arg-type]  # kind, pathway and part are the texts among them
    found = {
        "target": pathways.target_value(terms),
        "allowed": pathways.allowed(terms, int(year)),
    }
    if actual is not None:
        found["is_on_path"] = _truth(pathways.is_on_path(terms, int(year), actual))
    return found


def _ambition(**given: Decimal) -> dict[str, Decimal]:
    checks = pathways.ambition(_terms(**given))  # type: ignore[arg-type]  # kind and part are the texts among them
    found = {"checks": Decimal(len(checks))}
    for check in checks:
        found[f"{check.name}_needed_pct"] = check.needed_percent
        found[f"{check.name}_is_met"] = _truth(check.meets)
    return found


def _near_term(*, target_year: Decimal, made_in: Decimal) -> dict[str, Decimal]:
    return {"is_near_term": _truth(pathways.is_near_term(int(target_year), int(made_in)))}


def _cut_percent(*, base: Decimal, actual: Decimal) -> dict[str, Decimal]:
    return {"cut_pct": pathways.cut_percent(base, actual)}


def _share_of_way(*, base: Decimal, actual: Decimal, target: Decimal) -> dict[str, Decimal]:
    share = pathways.share_of_way(base, actual, target)
    if share is None:
        raise refuse("case.sum_is_zero", "target", input="base − target")
    return {"share": share}


def _combined_actions(*, rates: Sequence[Decimal]) -> dict[str, Decimal]:
    return {"combined": effects.combined(rates)}


def _ramp(
    *,
    start_on: date,
    year: Decimal,
    ramp_months: Decimal = Decimal(0),
    lifetime_years: Decimal | None = None,
) -> dict[str, Decimal]:
    lifetime = None if lifetime_years is None else int(lifetime_years)
    return {"share": effects.ramp(start_on, int(ramp_months), lifetime, int(year))}


def _effect(
    *,
    key: str,
    source: str,
    kg: Decimal,
    start_on: date,
    ramp_months: Decimal = Decimal(0),
    lifetime_years: Decimal | None = None,
) -> effects.Effect:
    lifetime = None if lifetime_years is None else int(lifetime_years)
    return effects.Effect(key, source, kg, start_on, int(ramp_months), lifetime)


def _savings(
    *,
    sources: Sequence[tuple[str, Decimal]],
    actions: Sequence[effects.Effect],
    year: Decimal,
) -> dict[str, Decimal]:
    found = effects.combine(dict(sources), actions, int(year))
    parts = {f"kg_of_{key}": kg for key, kg in found.by_effect.items()}
    return {"total": found.total, "overlap": found.overlap, **parts}


def _forecast(
    *,
    sources: Sequence[tuple[str, Decimal]],
    actions: Sequence[effects.Effect],
    since: Decimal,
    year: Decimal,
    growth: Decimal = Decimal(0),
) -> dict[str, Decimal]:
    ((_, kg),) = effects.forecast(
        dict(sources), actions, [int(year)], since=int(since), growth=growth
    )
    return {"kg": kg}


def _cost_per_tonne(*, lifetime_years: Decimal, **given: Decimal) -> dict[str, Decimal]:
    cost = effects.cost_per_tonne(lifetime_years=int(lifetime_years), **given)
    return {} if cost is None else {"cost_per_t": cost}


def _abatement_curve(*, blocks: Sequence[effects.CostBlock]) -> dict[str, Decimal]:
    placed = effects.curve(blocks)
    before = {f"kg_before_{block.key}": block.kg_before for block in placed}
    return before | {"kg": placed[-1].kg_before + placed[-1].kg}


def _year_parts(
    *,
    comparable: Decimal,
    at_old_factors: Decimal | None = None,
    apart: Decimal = Decimal(0),
    output: Decimal | None = None,
) -> decomposition.YearParts:
    old = comparable if at_old_factors is None else at_old_factors
    return decomposition.YearParts(comparable, old, apart, output)


def _explain_change(
    *, before: decomposition.YearParts, after: decomposition.YearParts
) -> dict[str, Decimal]:
    found = decomposition.explain(before, after)
    parts = {
        "delta": found.delta,
        "structure": found.structure,
        "factor": found.factor,
        "activity": found.activity,
        "intensity": found.intensity,
        "undivided": found.undivided,
    }
    return {name: kg for name, kg in parts.items() if kg is not None}


def _reconcile(*, intensity: Decimal, verified: Decimal) -> dict[str, Decimal]:
    found = decomposition.reconcile(intensity, verified)
    return {"fall": found.fall, "verified": found.verified, "remainder": found.remainder}


_KINDS, _PATHWAYS, _PARTS = choice(*Kind), choice(*Pathway), choice(*Part)
_TARGET = required(base_year=_year, target_year=_year, percent=_percent) + optional(
    kind=_KINDS, part=_PARTS
)
_SOURCES = many(pair(note, _amount))
_ACTION = record(
    _effect,
    required(key=note, source=note, kg=_amount, start_on=day)
    + optional(ramp_months=_months, lifetime_years=_lifetime),
)
_BLOCK = record(effects.CostBlock, required(key=note, kg=_amount, cost_per_t=_any))
_YEAR_PARTS = record(
    _year_parts,
    required(comparable=_amount)
    + optional(at_old_factors=_amount, apart=_amount, output=_positive),
)

METHODS: Mapping[str, Method] = {
    "target_allowed": Method(
        _target_allowed,
        _TARGET
        + required(base=_amount, year=_year)
        + optional(pathway=_PATHWAYS, net_zero_year=_year, actual=_amount),
    ),
    "ambition": Method(_ambition, _TARGET),
    "near_term": Method(_near_term, required(target_year=_year, made_in=_year)),
    "cut_percent": Method(_cut_percent, required(base=_positive, actual=_amount)),
    "share_of_way": Method(_share_of_way, required(base=_any, actual=_any, target=_any)),
    "combined_actions": Method(_combined_actions, required(rates=many(_fraction))),
    "ramp": Method(
        _ramp,
        required(start_on=day, year=_year)
        + optional(ramp_months=_months, lifetime_years=_lifetime),
    ),
    "combined_savings": Method(
        _savings, required(sources=_SOURCES, actions=many(_ACTION), year=_year)
    ),
    "forecast": Method(
        _forecast,
        required(sources=_SOURCES, actions=many(_ACTION), since=_year, year=_year)
        + optional(growth=_growth),
    ),
    "cost_per_tonne": Method(
        _cost_per_tonne,
        required(capex=_amount, rate=number(least=0, most=10), lifetime_years=_lifetime)
        + required(opex=_any, money_saved=_any, kg_per_year=_positive),
    ),
    "abatement_curve": Method(_abatement_curve, required(blocks=many(_BLOCK))),
    "explain_change": Method(_explain_change, required(before=_YEAR_PARTS, after=_YEAR_PARTS)),
    "reconcile": Method(_reconcile, required(intensity=_any, verified=_amount)),
}
