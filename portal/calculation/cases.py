"""Every method by its name, with the inputs it declares; worked examples run through this table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from portal.calculation import (
    actions,
    electricity,
    freight,
    fuels,
    heat,
    livestock,
    manure,
    milk,
    products,
    quality,
    refrigerants,
    soils,
    targets,
    uncertainty,
    wastewater,
)
from portal.calculation.inputs import (
    Input,
    choice,
    many,
    note,
    number,
    optional,
    pair,
    read_all,
    record,
    required,
    truth,
)
from portal.calculation.problems import CalculationError, Problem, problem, refuse
from portal.calculation.quantities import exactly, text

_any = number()
_amount = number(least=0)
_positive = number(above=0)
_fraction = number(least=0, most=1)
_share_above_zero = number(above=0, most=1)
_percent = number(least=0, most=100)
_year = number(least=1900, most=2300, is_whole=True)


@dataclass(frozen=True, slots=True)
class Method:
    """A formula under the name that worked examples call it by."""

    compute: Callable[..., dict[str, Decimal]]
    inputs: tuple[Input, ...]


def _with_potentials(*, gwp: Mapping[str, Decimal], **values: Decimal) -> dict[str, Decimal]:
    return fuels.energy_gas(gwp_ch4=gwp["ch4"], gwp_n2o=gwp["n2o"], **values)  # type: ignore[arg-type]  # `per` is the one text among them


def _leg(*, t: Decimal, km: Decimal, ef: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    return t, km, ef


def _potentials(**values: Decimal) -> dict[str, Decimal]:
    return values


def _earlier_changes(name: str, raw: object) -> object:
    return raw if isinstance(raw, bool) else _any(name, raw)


_HERD = record(
    livestock.Herd,
    required(heads=_amount, ef=_amount)
    + optional(
        days=number(least=0, most=366), additive_reduction=_fraction, additive_share=_fraction
    ),
)
_GRAZING = record(
    livestock.GrazingGroup,
    required(heads=_amount, lw=_positive, lwg=_any, dmd=number(above=0, most=100), milking=truth)
    + optional(milk=_amount),
    ignored=optional(cls=note, season=note),
)
_STORAGE = record(
    manure.Storage,
    required(share=_fraction, ef3=_amount) + optional(fracgas=_fraction, fracleach=_fraction),
)
_LEG = record(_leg, required(t=_amount, km=_amount, ef=_amount))
_GWP = record(_potentials, required(ch4=_amount, n2o=_amount))

METHODS: Mapping[str, Method] = {
    "cn_fuel": Method(
        fuels.cn_fuel, required(amount=_amount, ncv=_amount, cc=_amount, of=_fraction)
    ),
    "energy_gas": Method(
        _with_potentials,
        required(gwp=_GWP)
        + optional(energy=_amount, mass_t=_amount, ncv_gj_t=_amount, per=choice("TJ", "GJ"))
        + optional(ef_co2=_amount, ef_ch4=_amount, ef_n2o=_amount, ef_co2_bio=_amount),
    ),
    "sum_products": Method(
        products.sum_products, required(items=many(pair(_any, _any))) + optional(scale=_any)
    ),
    "electricity": Method(
        electricity.electricity,
        required(kwh=_amount, ef_location=_amount)
        + optional(contract_kwh=_amount, ef_contract=_amount, ef_residual=_amount),
    ),
    "steam_heat": Method(
        heat.steam_heat,
        required(mass_t=_amount, enthalpy=_amount, ef=_amount) + optional(enthalpy_ref=_amount),
    ),
    "hot_water": Method(
        heat.hot_water,
        required(mass_t=_amount, t=number(least=-50, most=400), ef=_amount)
        + optional(t_ref=number(least=-50, most=400)),
    ),
    "chp_efficiency": Method(
        heat.chp_efficiency,
        required(emissions=_amount, heat=_amount, power=_amount)
        + required(eff_heat=_share_above_zero, eff_power=_share_above_zero),
    ),
    "refrigerant_leak": Method(
        refrigerants.refrigerant_leak,
        required(charge_kg=_amount, leak_fraction=_fraction, gwp=_amount) + optional(years=_amount),
    ),
    "refrigerant_mass_balance": Method(
        refrigerants.refrigerant_mass_balance,
        required(stock_begin=_amount, stock_end=_amount, purchases=_amount)
        + required(sales_returned=_amount, capacity_increase=_any, gwp=_amount),
    ),
    "blend_gwp": Method(
        refrigerants.blend_gwp, required(components=many(pair(_fraction, _amount)))
    ),
    "t2_energy": Method(
        livestock.t2_energy,
        required(bw=_positive, cfi=_amount, de=number(above=0, most=100))
        + optional(ca=_amount, milk=_amount, fat=_percent, pregnant=_fraction)
        + optional(work_h=number(least=0, most=24), wg=_amount, c=_positive, mw=_positive)
        + optional(ym=_percent, ue=_fraction, ash=_fraction, cp=_percent, nret=_fraction),
    ),
    "nex_from_ef": Method(
        livestock.nex_from_ef,
        required(
            ef_ch4=_amount, ym=number(above=0, most=100), cp=_percent, nret=_fraction, bw=_positive
        ),
    ),
    "enteric_head": Method(livestock.enteric_head, required(herd=many(_HERD), gwp_ch4=_amount)),
    "enteric_my": Method(
        livestock.enteric_my,
        required(heads=_amount, dmi=_amount, my_g=_amount, gwp_ch4=_amount)
        + optional(days=number(least=0, most=366)),
    ),
    "gbt_enteric_ge": Method(
        livestock.gbt_enteric_ge, required(dmi=_amount, ym=_percent, heads=_amount)
    ),
    "au_dmi_enteric": Method(
        livestock.au_dmi_enteric, required(groups=many(_GRAZING), gwp_ch4=_amount)
    ),
    "manure_ef_vs": Method(manure.manure_ef_vs, required(mcf=_percent, b0=_amount)),
    "manure_ch4": Method(
        manure.manure_ch4,
        required(heads=_amount, vs_day=_amount, b0=_amount)
        + required(systems=many(pair(_fraction, _percent)), gwp_ch4=_amount),
    ),
    "manure_n2o": Method(
        manure.manure_n2o,
        required(heads=_amount, nex=_amount, systems=many(_STORAGE))
        + required(ef4=_amount, ef5=_amount, gwp_n2o=_amount),
    ),
    "soil_n2o": Method(
        soils.soil_n2o,
        required(n_kg=_amount, ef1=_amount, fracgas=_fraction, ef4=_amount)
        + required(fracleach=_fraction, ef5=_amount, gwp_n2o=_amount)
        + optional(urea_t=_amount),
    ),
    "lime_co2": Method(soils.lime_co2, required(items=many(pair(_amount, _fraction)))),
    "biogas": Method(
        manure.biogas,
        required(heads=_amount, share=_fraction, vs_day=_amount, b0=_amount)
        + required(mcf_baseline=_percent, mcf_digester=_percent, gwp_ch4=_amount)
        + required(ch4_used_t=_amount, lhv_mj_kg=_amount, eff_el=_fraction)
        + required(own_share=_fraction, ef_grid=_amount),
    ),
    "gbt_biogas_recovery": Method(
        manure.gbt_biogas_recovery,
        required(q_1000m3=_amount, phi=_fraction, q_flare_1000m3=_amount, gwp_ch4=_amount),
    ),
    "wastewater_ch4": Method(
        wastewater.wastewater_ch4,
        required(w_m3=_amount, cod_in=_amount, bo=_amount, mcf=_fraction, gwp_ch4=_amount)
        + optional(cod_out=_amount, sludge_cod_kg=_amount, recovered_kg=_amount),
    ),
    "au_wastewater": Method(
        wastewater.au_wastewater,
        required(kl=_amount, cod_in=_amount, cod_out=_amount, mcf=_fraction, flared=_fraction),
    ),
    "wastewater_n2o": Method(
        wastewater.wastewater_n2o, required(n_kg=_amount, ef=_amount, gwp_n2o=_amount)
    ),
    "freight": Method(freight.freight, required(legs=many(_LEG))),
    "freight_fuel_allocated": Method(
        freight.freight_fuel_allocated,
        required(fuel_l=_amount, ef_ttw=_amount, own_tkm=_amount, total_tkm=_positive)
        + optional(ef_wtt=_amount),
    ),
    "milk_allocation": Method(
        milk.milk_allocation,
        required(
            milk_kg=_positive, fat=_percent, protein=_percent, meat_kg=_amount, emissions_kg=_amount
        ),
    ),
    "uncertainty": Method(uncertainty.uncertainty, required(items=many(pair(_any, _amount)))),
    "uncertainty_product": Method(uncertainty.uncertainty_product, required(u=many(_amount))),
    "pedigree": Method(uncertainty.pedigree, required(factors=many(_positive))),
    "dq_weighted": Method(
        quality.dq_weighted, required(items=many(pair(_any, number(least=1, most=5))))
    ),
    "base_year": Method(
        targets.base_year,
        required(base=_positive, changes=many(_any))
        + optional(cumulative=_earlier_changes, threshold=_percent),
    ),
    "pathway_linear": Method(
        targets.pathway_linear, required(base=_amount, start=_year, year=_year, rate=_fraction)
    ),
    "pathway_sbti": Method(
        targets.pathway_sbti, required(base=_amount, base_year=_year, year=_year, rate=_fraction)
    ),
    "intensity_compound": Method(
        targets.intensity_compound, required(base=_amount, start=_year, year=_year, rate=_fraction)
    ),
    "macc": Method(
        actions.macc,
        required(capex=_amount, r=number(least=0, most=10), n=number(above=0, most=200))
        + required(opex=_any, savings=_any, abatement_t=_positive),
    ),
    "decomposition": Method(actions.decomposition, required(a0=_any, a1=_any, i0=_any, i1=_any)),
    "project_reduction": Method(
        actions.project_reduction, required(baseline=_any, project=_any, leakage=_any)
    ),
}


def compute(method: object, inputs: object) -> dict[str, Decimal]:
    """Run one method on raw inputs; anything unfit is refused with the input's name and what is allowed."""
    if not isinstance(method, str) or method not in METHODS:
        raise refuse("case.method.unknown", "method", method=method, allowed=", ".join(METHODS))
    chosen = METHODS[method]
    values = read_all(inputs, chosen.inputs)
    try:
        with exactly():
            return chosen.compute(**values)
    except DecimalException:
        raise refuse("case.arithmetic", "inputs", method=method) from None


@dataclass(frozen=True, slots=True)
class Difference:
    """An output that is not what was expected; `got` is None where the method has no such output."""

    output: str
    expected: Decimal
    got: Decimal | None

    def __str__(self) -> str:
        got = "nothing" if self.got is None else text(round_for_people(self.got))
        return f"{self.output}: expected {text(self.expected)}, got {got}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a worked example came to: nothing to say when it passed, else differences or problems."""

    case: str
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def has_passed(self) -> bool:
        """Whether every expected output was met within its tolerance."""
        return not self.differences and not self.problems


def round_for_people(amount: Decimal) -> Decimal:
    """At most 12 significant digits, which is more than any tolerance asks for."""
    return amount if not amount else +amount.quantize(Decimal(1).scaleb(amount.adjusted() - 11))


def check(vector: object, position: int) -> Verdict:
    """Run a worked example and compare; a malformed one is a verdict too, named by its id or its position."""
    if not isinstance(vector, Mapping):
        return Verdict(
            f"#{position}", problems=(problem("case.malformed", "vector", what="an object"),)
        )
    name = str(vector.get("id") or f"#{position}")
    try:
        expected, tolerance = _expected(vector), _tolerance(vector)
        outputs = compute(vector.get("method"), vector.get("inputs"))
    except CalculationError as error:
        return Verdict(name, problems=error.problems)
    differences = tuple(
        Difference(output, value, outputs.get(output))
        for output, value in expected.items()
        if not _is_met(value, outputs.get(output), tolerance)
    )
    return Verdict(name, differences)


def _expected(vector: Mapping[str, object]) -> dict[str, Decimal]:
    raw = vector.get("expected")
    if not isinstance(raw, Mapping) or not raw:
        raise refuse("case.malformed", "expected", what="“expected” with at least one output")
    return {str(output): _number(f"expected.{output}", value) for output, value in raw.items()}


def _tolerance(vector: Mapping[str, object]) -> tuple[str, Decimal]:
    raw = vector.get("tolerance")
    if not isinstance(raw, Mapping) or len(raw) != 1 or next(iter(raw)) not in {"abs", "rel"}:
        raise refuse("case.malformed", "tolerance", what="“tolerance” with either “abs” or “rel”")
    ((kind, value),) = raw.items()
    return str(kind), _number(f"tolerance.{kind}", value, least=0)


def _number(name: str, raw: object, least: int | None = None) -> Decimal:
    value: Any = number(least=least)(name, raw)
    return Decimal(value)


def _is_met(expected: Decimal, got: Decimal | None, tolerance: tuple[str, Decimal]) -> bool:
    if got is None:
        return False
    kind, size = tolerance
    with exactly():
        allowed = size if kind == "abs" else size * abs(expected)
        return abs(got - expected) <= allowed
