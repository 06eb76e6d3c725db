"""Words and rules of meters: what they measure, what is known of one, by which door its readings come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.calculation.metering import Counting, Oddity
from portal.domain.words import N_

MOST_READINGS = 10_000  # in one batch of a machine
MOST_ROWS = 100_000  # in one file of a person: a year of three meters, read each quarter of an hour
# One a minute is 1,440. Of more every look at a month would have to read more than a request has time for.
MOST_A_DAY = 1_500  # readings of one meter, and as many corrections
MOST_METERS = 500  # of one member
# Month by month the registers of one meter add up; more of them than this is a list that nobody means.
MOST_REGISTERS = 50


class MeterKind(StrEnum):
    """What a meter measures."""

    ELECTRICITY = "electricity"
    GAS = "gas"
    STEAM = "steam"
    WATER = "water"
    DIESEL = "diesel"
    OTHER = "other"


class Door(StrEnum):
    """Where readings came in."""

    FORM = "form"
    FILE = "file"
    API = "api"
    MQTT = "mqtt"


KIND_NAMES = {
    MeterKind.ELECTRICITY: N_("Electricity"),
    MeterKind.GAS: N_("Natural gas"),
    MeterKind.STEAM: N_("Steam or heat"),
    MeterKind.WATER: N_("Water"),
    MeterKind.DIESEL: N_("Diesel tank"),
    MeterKind.OTHER: N_("Something else"),
}
COUNTING_NAMES = {
    Counting.CUMULATIVE: N_("The register counts on; a reading is what it shows"),
    Counting.INTERVAL: N_("Each reading is what was used since the one before"),
}
DOOR_NAMES = {
    Door.FORM: N_("Typed in"),
    Door.FILE: N_("File"),
    Door.API: N_("Other program"),
    Door.MQTT: N_("Meter’s own line (MQTT)"),
}
ODDITY_NAMES = {
    Oddity.ROLLED_OVER: N_("The register went past its last digit and began at zero again."),
    Oddity.REPLACED: N_("The register was replaced."),
    Oddity.LONG_GAP: N_(
        "There are more than 45 days between two readings; what lies between is spread evenly."
    ),
    Oddity.MISSING: N_("Readings are missing; what was used meanwhile is not known."),
    Oddity.OVERLAP: N_("Two readings tell of the same time. Correct one of them."),
    Oddity.DECREASED: N_(
        "The register went back. Correct the reading that is wrong, or say that the register was replaced."
    ),
    Oddity.UNREAD_END: N_(
        "What the old register showed when it was taken away is not known. Enter it at the replacement."
    ),
}


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """What a member says about a meter; days are those of `zone`, `ends_on` is the last one."""

    code: str
    name: str
    kind: MeterKind
    category: str
    unit: str
    counting: Counting
    zone: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What a member says about the device: its serial number, digits before the point, ratio, and first count."""

    serial: str
    digits: int | None
    multiplier: Decimal
    first: Decimal | None
