"""Units of measurement, each an exact ratio to its dimension's base unit; dimensions refuse to mix."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from portal.calculation.problems import refuse
from portal.calculation.quantities import EXACT
from portal.calculation.words import N_


class Dimension(StrEnum):
    """What is measured; two units convert into each other only within one dimension."""

    ENERGY = "energy"
    MASS = "mass"
    VOLUME = "volume"
    NORMAL_VOLUME = "normal_volume"
    AREA = "area"
    DISTANCE = "distance"
    ANIMALS = "animals"
    ANIMAL_DAYS = "animal_days"
    COUNT = "count"
    FREIGHT = "freight"
    PASSENGER_DISTANCE = "passenger_distance"
    ROOM_NIGHTS = "room_nights"
    MONEY = "money"


DIMENSION_NAMES: dict[Dimension, str] = {
    Dimension.ENERGY: N_("energy"),
    Dimension.MASS: N_("mass"),
    Dimension.VOLUME: N_("volume"),
    Dimension.NORMAL_VOLUME: N_("gas volume at normal conditions"),
    Dimension.AREA: N_("area"),
    Dimension.DISTANCE: N_("distance"),
    Dimension.ANIMALS: N_("number of animals"),
    Dimension.ANIMAL_DAYS: N_("animals times days"),
    Dimension.COUNT: N_("number of pieces"),
    Dimension.FREIGHT: N_("freight transport"),
    Dimension.PASSENGER_DISTANCE: N_("passenger transport"),
    Dimension.ROOM_NIGHTS: N_("hotel nights"),
    Dimension.MONEY: N_("money"),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its code is what people see, its ratio says how many base units it holds."""

    code: str
    dimension: Dimension
    ratio: Fraction
    name_en: str
    name_zh: str


def _unit(code: str, dimension: Dimension, ratio: str, name_en: str, name_zh: str) -> Unit:
    return Unit(code, dimension, Fraction(ratio), name_en, name_zh)


# Sources of the ratios: SI; GB/T 2589-2020 (1 kgce = 29 307.6 kJ); international calorie table; yard and
# pound of 1959; US gallon 231 in³, imperial gallon 4.54609 L, barrel 42 US gallons; 15 亩 = 1 ha.
_E, _M, _V, _N, _A = (
    Dimension.ENERGY,
    Dimension.MASS,
    Dimension.VOLUME,
    Dimension.NORMAL_VOLUME,
    Dimension.AREA,
)
_D, _F, _P = Dimension.DISTANCE, Dimension.FREIGHT, Dimension.PASSENGER_DISTANCE

UNITS: dict[str, Unit] = {
    unit.code: unit
    for unit in (
        _unit("kWh", _E, "3.6", "kilowatt hour", "千瓦时"),
        _unit("MWh", _E, "3600", "megawatt hour", "兆瓦时"),
        _unit("GWh", _E, "3600000", "gigawatt hour", "吉瓦时"),
        _unit("万kWh", _E, "36000", "ten thousand kilowatt hours", "万千瓦时"),
        _unit("kJ", _E, "0.001", "kilojoule", "千焦"),
        _unit("MJ", _E, "1", "megajoule", "兆焦"),
        _unit("GJ", _E, "1000", "gigajoule", "吉焦"),
        _unit("TJ", _E, "1000000", "terajoule", "太焦"),
        _unit("kcal", _E, "0.0041868", "kilocalorie", "千卡"),
        _unit("MMBtu", _E, "1055.05585262", "million British thermal units", "百万英热单位"),
        _unit("kgce", _E, "29.3076", "kilogram of coal equivalent", "千克标准煤"),
        _unit("tce", _E, "29307.6", "tonne of coal equivalent", "吨标准煤"),
        _unit("µg", _M, "1/1000000000", "microgram", "微克"),
        _unit("mg", _M, "1/1000000", "milligram", "毫克"),
        _unit("g", _M, "1/1000", "gram", "克"),
        _unit("kg", _M, "1", "kilogram", "千克"),
        _unit("斤", _M, "1/2", "jin (half a kilogram)", "斤"),
        _unit("t", _M, "1000", "tonne", "吨"),
        _unit("万t", _M, "10000000", "ten thousand tonnes", "万吨"),
        _unit("lb", _M, "0.45359237", "pound", "磅"),
        _unit("ton_us", _M, "907.18474", "short ton (US)", "短吨（美）"),
        _unit("ton_uk", _M, "1016.0469088", "long ton (UK)", "长吨（英）"),
        _unit("mL", _V, "1/1000000", "millilitre", "毫升"),
        _unit("L", _V, "1/1000", "litre", "升"),
        _unit("kL", _V, "1", "kilolitre", "千升"),
        _unit("m³", _V, "1", "cubic metre", "立方米"),
        _unit("万m³", _V, "10000", "ten thousand cubic metres", "万立方米"),
        _unit("gal_us", _V, "0.003785411784", "US gallon", "美制加仑"),
        _unit("gal_uk", _V, "0.00454609", "imperial gallon", "英制加仑"),
        _unit("bbl", _V, "0.158987294928", "barrel (42 US gallons)", "桶（42 美制加仑）"),
        _unit("Nm³", _N, "1", "normal cubic metre (0 °C)", "标准立方米（0 ℃）"),
        # The same amount of an ideal gas takes more room at 20 °C: 293.15 K instead of 273.15 K.
        _unit("Sm³", _N, "27315/29315", "standard cubic metre (20 °C)", "标况立方米（20 ℃）"),
        _unit("10³Nm³", _N, "1000", "thousand normal cubic metres", "千标准立方米"),
        _unit("10⁴Nm³", _N, "10000", "ten thousand normal cubic metres", "万标准立方米"),
        _unit("m²", _A, "1", "square metre", "平方米"),
        _unit("亩", _A, "2000/3", "mu (one fifteenth of a hectare)", "亩"),
        _unit("ha", _A, "10000", "hectare", "公顷"),
        _unit("km²", _A, "1000000", "square kilometre", "平方千米"),
        _unit("m", _D, "1/1000", "metre", "米"),
        _unit("km", _D, "1", "kilometre", "千米"),
        _unit("mile", _D, "1.609344", "mile", "英里"),
        _unit("head", Dimension.ANIMALS, "1", "head", "头"),
        _unit("head·day", Dimension.ANIMAL_DAYS, "1", "head day", "头·天"),
        _unit("piece", Dimension.COUNT, "1", "piece", "件"),
        _unit("t·km", _F, "1", "tonne kilometre", "吨公里"),
        _unit("kg·km", _F, "1/1000", "kilogram kilometre", "千克公里"),
        _unit("万t·km", _F, "10000", "ten thousand tonne kilometres", "万吨公里"),
        _unit("p·km", _P, "1", "passenger kilometre", "人公里"),
        _unit("万p·km", _P, "10000", "ten thousand passenger kilometres", "万人公里"),
        _unit("room·night", Dimension.ROOM_NIGHTS, "1", "room night", "间夜"),
        _unit("CNY", Dimension.MONEY, "1", "yuan", "元"),
        _unit("万CNY", Dimension.MONEY, "10000", "ten thousand yuan", "万元"),
    )
}


def unit(code: str) -> Unit:
    """Return the unit with that code; an unknown code is refused with the codes there are."""
    try:
        return UNITS[code]
    except KeyError:
        raise refuse("line.unit.unknown", "unit", given=code, allowed=", ".join(UNITS)) from None


def units_of(dimension: Dimension) -> tuple[Unit, ...]:
    """All units that measure the dimension, in the order they are listed."""
    return tuple(each for each in UNITS.values() if each.dimension is dimension)


@lru_cache(maxsize=4096)
def ratio(from_unit: str, to_unit: str) -> Fraction:
    """How many `to_unit` one `from_unit` holds, exactly; units of two dimensions are refused."""
    given, wanted = unit(from_unit), unit(to_unit)
    if given.dimension is not wanted.dimension:
        allowed = ", ".join(each.code for each in units_of(wanted.dimension))
        name = DIMENSION_NAMES[given.dimension]
        raise refuse(
            "line.unit.dimension_mismatch",
            "unit",
            given=given.code,
            dimension=name,
            allowed=allowed,
        )
    return given.ratio / wanted.ratio


def convert(amount: Decimal, from_unit: str, to_unit: str) -> Decimal:
    """Convert an amount; exact wherever the result has a finite decimal form, else correct to 50 digits."""
    exact = ratio(from_unit, to_unit)
    return EXACT.divide(
        EXACT.multiply(amount, Decimal(exact.numerator)), Decimal(exact.denominator)
    )
