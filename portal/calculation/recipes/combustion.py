"""Fuels burnt: by the Chinese carbon balance, the IPCC energy basis, or a published factor per unit."""

from decimal import Decimal

from portal.calculation.factors import Factor
from portal.calculation.fuels import cn_fuel, energy_gas
from portal.calculation.gases import CH4_BIOGENIC, CH4_FOSSIL, CO2, CO2_BIOGENIC, N2O
from portal.calculation.quantities import text
from portal.calculation.selection import Flag
from portal.calculation.trace import FactorUse, StepKind, brief, equation
from portal.calculation.units import UNITS, Dimension
from portal.calculation.workings import Chosen, Reach, Workings

_ZERO = Decimal(0)
_ONE = Decimal(1)
_GAS_BY_VOLUME = frozenset({Dimension.VOLUME, Dimension.NORMAL_VOLUME})
_PER_TONNE, _PER_KILOLITRE, _PER_NORMAL_VOLUME = "GJ/t", "GJ/kL (gross)", "GJ/10^4 Nm3"
_FROM_ENERGY = Reach(frozenset({Dimension.ENERGY}), frozenset({_PER_TONNE, _PER_NORMAL_VOLUME}))
_FROM_GAS = Reach(_GAS_BY_VOLUME)
_FROM_MASS = Reach(frozenset({Dimension.MASS}), frozenset({_PER_TONNE}))
_FROM_VOLUME = Reach(frozenset({Dimension.VOLUME}), frozenset({_PER_KILOLITRE}))
_FROM_VOLUME_AND_DENSITY = Reach(
    frozenset({Dimension.VOLUME, Dimension.MASS}), frozenset({_PER_TONNE, _PER_KILOLITRE})
)


def combustion(work: Workings) -> None:
    """A fuel burnt in plants or vehicles; CH4 and N2O are added where the inventory wants them."""
    chosen = work.choose("fuel", _reach(work), **_words(work))
    if chosen.factor.per == "TJ":
        _by_energy(work, chosen, _energy_tj(work, chosen.factor), with_co2=True)
    elif "carbon_content_tc_per_gj" in chosen.factor.numbers:
        _carbon_balance(work, chosen)
    else:
        per = chosen.factor.per or ""
        work.add_per_unit(_amount_in(work, per, chosen.factor), per, chosen, _methane(work))


def _words(work: Workings) -> dict[str, str]:
    farm = work.sector == "farm"
    return {
        "context": "residential_agriculture" if farm else "manufacturing",
        "use": work.key("use", "ipcc"),
        "kind": work.key("kind", "ipcc"),
    }


def _is_gas(work: Workings) -> bool:
    return work.category.settings.get("state") == "gas"


def _reach(work: Workings) -> Reach:
    """What a fuel factor may be per: there must be a way to it in _amount_in or _energy_tj."""
    typed = work.dimension
    if typed is Dimension.ENERGY:
        return _FROM_ENERGY
    if typed is Dimension.NORMAL_VOLUME or (typed is Dimension.VOLUME and _is_gas(work)):
        return _FROM_GAS
    if typed is Dimension.MASS:
        return _FROM_MASS
    if work.number("density") is None and "density" not in work.category.slots:
        return _FROM_VOLUME
    return _FROM_VOLUME_AND_DENSITY


def _methane(work: Workings) -> str:
    return CH4_BIOGENIC if work.category.settings.get("origin") == "biogenic" else CH4_FOSSIL


def _amount_in(work: Workings, unit: str, row: Factor) -> Decimal:
    """The quantity in the factor's unit: converted, through density, or through the energy content."""
    wanted, typed = UNITS[unit].dimension, work.dimension
    if wanted is typed:
        return work.amount(unit)
    if {wanted, typed} == _GAS_BY_VOLUME:
        return _as_normal(work, unit)
    if wanted is Dimension.MASS:
        return _mass(work, unit)
    # What is left: energy per litre as Australia prints it, in GJ per kL.
    litres = work.amount("kL")
    energy = litres * row.numbers["ncv"]
    left = f"{brief(litres)} kL × {text(row.numbers['ncv'])} {row.texts['ncv_unit']}"
    work.step(StepKind.HEAT, equation(left, energy, unit))
    return energy


def _as_normal(work: Workings, unit: str) -> Decimal:
    base = "m³" if work.dimension is Dimension.VOLUME else "Nm³"
    other = "Nm³" if base == "m³" else "m³"
    metered = work.amount(base)
    formula = f"{brief(metered)} {base} → {brief(metered)} {other}"
    work.step(StepKind.ASSUMED, formula, flag=Flag.NORMAL_CONDITIONS)
    if unit == other:
        return metered
    ratio = UNITS[other].ratio / UNITS[unit].ratio
    amount = metered * ratio.numerator / ratio.denominator
    work.step(StepKind.CONVERTED, equation(f"{brief(metered)} {other}", amount, unit))
    return amount


def _mass(work: Workings, unit: str) -> Decimal:
    litres = work.amount("L")
    given = work.number("density")
    if given is None:
        chosen = work.choose("density")
        density, use = chosen.factor.number("density_kg_per_l"), chosen.use
    else:
        density, use = given, None
    mass = litres * density / (_ONE if unit == "kg" else 1000)
    over = "" if unit == "kg" else " ÷ 1000"
    left = f"{brief(litres)} L × {text(density)} kg/L{over}"
    work.step(StepKind.DENSITY, equation(left, mass, unit), use)
    return mass


def _carbon_balance(work: Workings, chosen: Chosen) -> None:
    row = chosen.factor
    carbon, oxidised = row.number("carbon_content_tc_per_gj"), row.number("oxidation_fraction")
    given = work.number("ncv")
    tail = f"{text(carbon)} tC/GJ × {text(oxidised)} × 44/12 × 1000"
    if work.dimension is Dimension.ENERGY:
        amount, ncv = work.amount("GJ"), _ONE
        left = f"{brief(amount)} GJ × {tail}"
    else:
        unit = row.per or ""
        amount = _amount_in(work, unit, row)
        ncv = row.number("ncv") if given is None else given
        left = f"{brief(amount)} {unit} × {text(ncv)} GJ/{unit} × {tail}"
    co2 = cn_fuel(amount=amount, ncv=ncv, cc=carbon, of=oxidised)["co2_t"] * 1000
    work.add(CO2, co2, left, chosen.use)
    if work.context.options.include_ch4_n2o:
        added = work.try_choose("trace_gases", **_words(work))
        if added is not None:
            _by_energy(work, added, amount * ncv / 1000, with_co2=False)


def _energy_tj(work: Workings, row: Factor) -> Decimal:
    if work.dimension is Dimension.ENERGY:
        return work.amount("TJ")
    mass = work.amount("t") if work.dimension is Dimension.MASS else _mass(work, "t")
    ncv = work.number("ncv") or row.number("ncv")
    return _heat(work, mass, ncv)


def _heat(work: Workings, mass: Decimal, ncv: Decimal) -> Decimal:
    energy = mass * ncv / 1000
    left = f"{brief(mass)} t × {text(ncv)} GJ/t ÷ 1000"
    work.step(StepKind.HEAT, equation(left, energy, "TJ"))
    return energy


def _by_energy(work: Workings, chosen: Chosen, energy: Decimal, *, with_co2: bool) -> None:
    numbers = chosen.factor.numbers
    burnt = energy_gas(
        energy=energy,
        ef_co2=numbers.get("co2", _ZERO),
        ef_ch4=numbers.get("ch4", _ZERO),
        ef_n2o=numbers.get("n2o", _ZERO),
        ef_co2_bio=numbers.get("co2_bio", _ZERO),
        gwp_ch4=work.potential(_methane(work)),
        gwp_n2o=work.potential(N2O),
    )
    columns = [("ch4", "ch4_kg", _methane(work)), ("n2o", "n2o_kg", N2O)]
    if with_co2:
        columns = [("co2", "co2_kg", CO2), ("co2_bio", "co2_bio_kg", CO2_BIOGENIC), *columns]
    use: FactorUse | None = chosen.use
    for column, output, gas in columns:
        if column in numbers:
            left = f"{brief(energy)} TJ × {text(numbers[column])} kg/TJ"
            work.add(gas, burnt[output], left, use)
            use = None


def biogas(work: Workings) -> None:
    """Biogas burnt: methane in it by volume and density, then its energy; the CO2 is biogenic."""
    chosen = work.choose("fuel", **_words(work))
    row = chosen.factor
    if work.dimension is Dimension.ENERGY:
        energy = work.amount("TJ")
    elif work.dimension is Dimension.MASS:
        energy = _heat(work, work.amount("t"), row.number("ncv"))
    else:
        energy = _heat(work, _methane_in(work), row.number("ncv"))
    _by_energy(work, chosen, energy, with_co2=True)


def _methane_in(work: Workings) -> Decimal:
    volume = _as_normal(work, "Nm³") if work.dimension is Dimension.VOLUME else work.amount("Nm³")
    share = work.needed("methane_share")
    density = work.choose("ch4_density")
    factor = density.factor.number("value")
    mass = volume * share * factor / 1000
    left = f"{brief(volume)} Nm³ × {text(share)} × {text(factor)} kg/m³ ÷ 1000"
    work.step(StepKind.AMOUNT, equation(left, mass, "t CH4"), density.use)
    return mass
