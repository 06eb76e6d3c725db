"""The periods of progress reports, and why a year is off its target path, as codes and in words."""

from __future__ import annotations

from enum import StrEnum

from portal.domain.words import N_

QUARTERS = 4


def period_end(year: int, quarter: int) -> tuple[int, int]:
    """The year and quarter with which a period ends; a whole year goes by quarter 0 and ends with the fourth."""
    return year, quarter or QUARTERS


class OffPath(StrEnum):
    """The largest of what drove a year off its path: an effect of the change, or actions that came to too little."""

    STRUCTURE = "structure"
    FACTOR = "factor"
    ACTIVITY = "activity"
    INTENSITY = "intensity"
    UNDIVIDED = "undivided"
    OVERDUE = "overdue"
    TOO_SMALL = "too_small"


OFF_PATH_NAMES = {
    OffPath.STRUCTURE: N_("Sites came or went"),
    OffPath.FACTOR: N_("Emission factors rose"),
    OffPath.ACTIVITY: N_("More was produced"),
    OffPath.INTENSITY: N_("More emissions for each unit produced"),
    OffPath.UNDIVIDED: N_("Emissions rose; without output the cause can’t be told apart"),
    OffPath.OVERDUE: N_("Actions are behind their milestones"),
    OffPath.TOO_SMALL: N_("The actions save less than the path asks for"),
}
