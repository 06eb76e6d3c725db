"""How much electricity lines stand for, and how much of it is renewable: the two sides of a renewable share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.quantities import exactly
from portal.calculation.units import convert

GRID, GREEN, OWN = "electricity.grid", "electricity.green", "electricity.own_pv"
_ZERO = Decimal(0)
_KWH_PER_CERTIFICATE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Power:
    """Electricity used in kWh, and the part of it that is renewable."""

    kwh: Decimal
    kwh_renewable: Decimal


def power_used(
    lines: Iterable[tuple[str, Decimal, str, Mapping[str, str | Decimal]]],
) -> Power:
    """Sum up lines of (category, quantity, unit, parameters); other categories count nothing.

    Renewable are green power, own power whose certificates were kept, and grid power covered by cancelled certificates
    (1 MWh each, at most the line's own power). Power under a contract counts only by its certificates.
    """
    used = renewable = _ZERO
    with exactly():
        for category, quantity, unit, parameters in lines:
            if category not in (GRID, GREEN, OWN):
                continue
            kwh = convert(quantity, unit, "kWh")
            used += kwh
            renewable += _renewable(category, kwh, parameters)
    return Power(used, renewable)


def _renewable(category: str, kwh: Decimal, parameters: Mapping[str, str | Decimal]) -> Decimal:
    if category == GREEN:
        return kwh
    if category == OWN:
        return _ZERO if parameters.get("certificates") == "sold" else kwh
    certificates = Decimal(parameters.get("green_certificates") or 0)
    return min(kwh, certificates * _KWH_PER_CERTIFICATE)
