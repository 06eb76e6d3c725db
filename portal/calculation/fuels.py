"""Combustion of fuels: the Chinese carbon balance (M1.1) and the IPCC energy basis (M1.2)."""

from decimal import Decimal

from portal.calculation.problems import refuse
from portal.calculation.quantities import CARBON_TO_CO2, times

_GJ_PER: dict[str, Decimal] = {"TJ": Decimal(1000), "GJ": Decimal(1)}


def cn_fuel(*, amount: Decimal, ncv: Decimal, cc: Decimal, of: Decimal) -> dict[str, Decimal]:
    """Tonnes of CO2 from fuel burnt: AD × NCV × CC × OF × 44/12 (GB/T 32150, GB/T 32151.22 C.1).

    `amount` in t or 10⁴ Nm³, `ncv` in GJ per unit, `cc` in t C per GJ, `of` the fraction oxidised.
    """
    return {"co2_t": times(amount * ncv * cc * of, CARBON_TO_CO2)}


def energy_gas(
    *,
    gwp_ch4: Decimal,
    gwp_n2o: Decimal,
    energy: Decimal | None = None,
    mass_t: Decimal | None = None,
    ncv_gj_t: Decimal | None = None,
    per: str | None = None,
    ef_co2: Decimal = Decimal(0),
    ef_ch4: Decimal = Decimal(0),
    ef_n2o: Decimal = Decimal(0),
    ef_co2_bio: Decimal = Decimal(0),
) -> dict[str, Decimal]:
    """Kilograms of each gas from energy burnt (IPCC 2006 Vol. 2, Eq. 2.1); biogenic CO2 stays out of CO2e.

    Either `energy` in the unit the factors are per, or `mass_t` with `ncv_gj_t` and `per` ("TJ" or "GJ").
    """
    if energy is None:
        energy = _energy(mass_t, ncv_gj_t, per)
    elif not (mass_t is None and ncv_gj_t is None and per is None):
        raise refuse("case.input.either_or", "energy", one="energy", other="mass_t, ncv_gj_t, per")
    ch4, n2o = energy * ef_ch4, energy * ef_n2o
    return {
        "co2_kg": energy * ef_co2,
        "ch4_kg": ch4,
        "n2o_kg": n2o,
        "co2_bio_kg": energy * ef_co2_bio,
        "co2e_kg": energy * ef_co2 + ch4 * gwp_ch4 + n2o * gwp_n2o,
    }


def _energy(mass_t: Decimal | None, ncv_gj_t: Decimal | None, per: str | None) -> Decimal:
    if mass_t is None or ncv_gj_t is None or per is None:
        raise refuse("case.input.either_or", "energy", one="energy", other="mass_t, ncv_gj_t, per")
    return mass_t * ncv_gj_t / _GJ_PER[per]
