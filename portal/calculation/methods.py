"""Every method by its name, with the inputs it declares."""

from collections.abc import Mapping
from decimal import Decimal

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
    target_methods,
    targets,
    uncertainty,
    wastewater,
)
from portal.calculation.inputs import (
    Method,
    choice,
    many,
    note,
    number,
    optional,
    pair,
    record,
    required,
    truth,
)

_any = number()
_amount = number(least=0)
_positive = number(above=0)
_fraction = number(least=0, most=1)
_share_above_zero = number(above=0, most=1)
_percent = number(least=0, most=100)
_year = number(least=1900, most=2300, is_whole=True)


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
    **target_methods.METHODS,
}
