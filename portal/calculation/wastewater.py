"""Wastewater: methane from organic load and nitrous oxide from nitrogen (M5.1, M5.2)."""

from decimal import Decimal

from portal.calculation.problems import refuse
from portal.calculation.quantities import NITROGEN_TO_N2O, times

_KG_PER_T = Decimal(1000)


def wastewater_ch4(
    *,
    w_m3: Decimal,
    cod_in: Decimal,
    bo: Decimal,
    mcf: Decimal,
    gwp_ch4: Decimal,
    cod_out: Decimal = Decimal(0),
    sludge_cod_kg: Decimal = Decimal(0),
    recovered_kg: Decimal = Decimal(0),
) -> dict[str, Decimal]:
    """Methane of a treatment step (IPCC Vol. 5 Eq. 6.4): (TOW − sludge)·Bo·MCF − recovered; COD in kg/m³, Bo in kg/kg."""
    if cod_out > cod_in:
        raise refuse("case.input.not_more_than", "cod_out", input="cod_out", other="cod_in")
    tow = w_m3 * (cod_in - cod_out)
    if sludge_cod_kg > tow:
        raise refuse(
            "case.input.not_more_than", "sludge_cod_kg", input="sludge_cod_kg", other="tow_kg"
        )
    made = (tow - sludge_cod_kg) * bo * mcf
    if recovered_kg > made:
        raise refuse(
            "case.input.not_more_than", "recovered_kg", input="recovered_kg", other="ch4_kg"
        )
    ch4 = made - recovered_kg
    return {"tow_kg": tow, "ch4_kg": ch4, "co2e_t": ch4 * gwp_ch4 / _KG_PER_T}


def wastewater_n2o(*, n_kg: Decimal, ef: Decimal, gwp_n2o: Decimal) -> dict[str, Decimal]:
    """Nitrous oxide from nitrogen in wastewater: N × EF × 44/28, EF in kg N2O-N per kg N."""
    n2o = times(n_kg * ef, NITROGEN_TO_N2O)
    return {"n2o_kg": n2o, "co2e_t": n2o * gwp_n2o / _KG_PER_T}


def au_wastewater(
    *, kl: Decimal, cod_in: Decimal, cod_out: Decimal, mcf: Decimal, flared: Decimal
) -> dict[str, Decimal]:
    """Australian inventory method (t CO2e): COD in mg/l, 15 % to sludge; what is flared leaves little methane.

    Constants as in its published worked example: 6.3 kg CO2e per kg COD under a potential of 25, carried to 28.
    """
    load = kl * (cod_in * Decimal("0.85") - cod_out) * mcf / 1_000_000
    if load < 0:
        raise refuse("case.input.not_more_than", "cod_out", input="cod_out", other="0.85 × cod_in")
    burnt = flared * Decimal("0.65") * Decimal("0.00581193271889401") / 25 * 34
    escaped = (1 - flared) * Decimal("6.3") / 25 * 28
    return {"co2e_t": load * (burnt + escaped)}
