"""Manure management: methane from volatile solids, nitrous oxide from nitrogen, and what a digester changes (M4.4 to M4.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.livestock import DAYS
from portal.calculation.problems import refuse
from portal.calculation.quantities import METHANE_TO_CO2, NITROGEN_TO_N2O, times

METHANE_KG_M3 = Decimal("0.67")
FLARE_OXIDATION = Decimal("0.98")
_PERCENT = Decimal(100)
_KG_PER_T = Decimal(1000)
_MJ_PER_KWH = Decimal("3.6")
_SHARE_SLACK = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Storage:
    """A manure system: its share of the manure, kg N2O-N per kg N, and the fractions of N that leave as gas and by leaching."""

    share: Decimal
    ef3: Decimal
    fracgas: Decimal = Decimal(0)
    fracleach: Decimal = Decimal(0)


def manure_ef_vs(*, mcf: Decimal, b0: Decimal) -> dict[str, Decimal]:
    """Grams of methane per kg of volatile solids: MCF (%) × B0 (m³/kg) × 0.67 kg/m³ (IPCC 2019 Table 10.14)."""
    return {"g_per_kg_vs": mcf / _PERCENT * b0 * METHANE_KG_M3 * 1000}


def manure_ch4(
    *,
    heads: Decimal,
    vs_day: Decimal,
    b0: Decimal,
    systems: Sequence[tuple[Decimal, Decimal]],
    gwp_ch4: Decimal,
) -> dict[str, Decimal]:
    """Methane of a herd: VS·365·B0·0.67·Σ(MCF/100·share) per head (Eq. 10.23); systems are (share, MCF %)."""
    _at_most_one((share for share, _ in systems), "systems")
    mcf = sum((share * percent / _PERCENT for share, percent in systems), Decimal(0))
    ef = vs_day * DAYS * b0 * METHANE_KG_M3 * mcf
    ch4_t = ef * heads / _KG_PER_T
    return {"ef_ch4": ef, "ch4_t": ch4_t, "co2e_t": ch4_t * gwp_ch4}


def manure_n2o(
    *,
    heads: Decimal,
    nex: Decimal,
    systems: Sequence[Storage],
    ef4: Decimal,
    ef5: Decimal,
    gwp_n2o: Decimal,
) -> dict[str, Decimal]:
    """Kilograms of N2O of a herd: direct (10.25), through volatilised N (10.28), through leached N (10.29); `nex` in kg N/head/yr."""
    _at_most_one((system.share for system in systems), "systems")
    nitrogen = heads * nex
    direct = sum((s.share * s.ef3 for s in systems), Decimal(0))
    gas = sum((s.share * s.fracgas for s in systems), Decimal(0)) * ef4
    leached = sum((s.share * s.fracleach for s in systems), Decimal(0)) * ef5
    return {
        "n2o_direct_kg": times(nitrogen * direct, NITROGEN_TO_N2O),
        "n2o_vol_kg": times(nitrogen * gas, NITROGEN_TO_N2O),
        "n2o_leach_kg": times(nitrogen * leached, NITROGEN_TO_N2O),
        "co2e_t": times(nitrogen * (direct + gas + leached) * gwp_n2o, NITROGEN_TO_N2O) / _KG_PER_T,
    }


def _at_most_one(shares: Iterable[Decimal], name: str) -> None:
    if sum(shares, Decimal(0)) > 1 + _SHARE_SLACK:
        raise refuse("case.shares_exceed_one", name, input=name)


def biogas(
    *,
    heads: Decimal,
    share: Decimal,
    vs_day: Decimal,
    b0: Decimal,
    mcf_baseline: Decimal,
    mcf_digester: Decimal,
    gwp_ch4: Decimal,
    ch4_used_t: Decimal,
    lhv_mj_kg: Decimal,
    eff_el: Decimal,
    own_share: Decimal,
    ef_grid: Decimal,
) -> dict[str, Decimal]:
    """What a digester changes: manure methane before and after, power made, purchased power saved, power exported.

    The exported part is avoided emission outside the inventory and is never subtracted from the scopes.
    """
    possible_t = vs_day * DAYS * b0 * METHANE_KG_M3 * heads / _KG_PER_T * share
    baseline, project = possible_t * mcf_baseline / _PERCENT, possible_t * mcf_digester / _PERCENT
    kwh = ch4_used_t * _KG_PER_T * lhv_mj_kg / _MJ_PER_KWH * eff_el
    grid_t = kwh * ef_grid / _KG_PER_T
    return {
        "baseline_ch4_t": baseline,
        "project_ch4_t": project,
        "reduction_manure_co2e_t": (baseline - project) * gwp_ch4,
        "electricity_kwh": kwh,
        "scope2_reduction_t": grid_t * own_share,
        "avoided_export_t": grid_t * (1 - own_share),
        "co2_biogenic_t": times(ch4_used_t, METHANE_TO_CO2),
    }


def gbt_biogas_recovery(
    *, q_1000m3: Decimal, phi: Decimal, q_flare_1000m3: Decimal, gwp_ch4: Decimal
) -> dict[str, Decimal]:
    """GB/T 32151.22 (14)-(17): methane recovered, in t and t CO2e, and what slips through the flare (2 %)."""
    recovered = q_1000m3 * phi * METHANE_KG_M3
    slip = q_flare_1000m3 * phi * (1 - FLARE_OXIDATION) * METHANE_KG_M3
    return {
        "recovered_ch4_t": recovered,
        "recovered_co2e_t": recovered * gwp_ch4,
        "flare_slip_co2e_t": slip * gwp_ch4,
    }
