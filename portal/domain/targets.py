"""Targets as people know them: names of their kinds and pathways, and what a plan's targets must come to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from portal.calculation.pathways import Kind, Part, Pathway
from portal.calculation.quantities import exactly, text
from portal.domain.programmes import DefaultTarget
from portal.domain.warnings import RaisedWarning, Weight
from portal.domain.words import N_

KIND_NAMES = {
    Kind.ABSOLUTE: N_("Absolute emissions"),
    Kind.PHYSICAL_INTENSITY: N_("Emissions per unit of product"),
    Kind.ECONOMIC_INTENSITY: N_("Emissions per revenue"),
    Kind.RENEWABLE_SHARE: N_("Share of renewable electricity"),
    Kind.SUPPLIER_ENGAGEMENT: N_("Share of suppliers with own targets"),
}
KIND_HINTS = {
    Kind.ABSOLUTE: N_("So many per cent less than in the base year, however much you produce."),
    Kind.PHYSICAL_INTENSITY: N_("So many per cent less for each tonne, litre or piece."),
    Kind.ECONOMIC_INTENSITY: N_(
        "So many per cent less for each yuan of revenue. Enter the revenue as a product, in CNY."
    ),
    Kind.RENEWABLE_SHARE: N_("How much of your electricity is green or your own solar or wind."),
    Kind.SUPPLIER_ENGAGEMENT: N_("How many of your own suppliers, by spend, set targets too."),
}
PATHWAY_NAMES = {
    Pathway.LINEAR: N_("Straight line to the target"),
    Pathway.COMPOUND: N_("The same percentage each year"),
    Pathway.SBTI_15: N_("SBTi 1.5 °C, 4.2 per cent of the base year each year"),
    Pathway.SBTI_WB2C: N_("SBTi well below 2 °C, 2.5 per cent of the base year each year"),
    Pathway.FLAG: N_("SBTi FLAG for land and livestock, 3.03 per cent of the base year each year"),
}
PART_NAMES = {
    Part.ALL: N_("All emissions of these scopes"),
    Part.FLAG: N_("Land and livestock only (FLAG)"),
    Part.NON_FLAG: N_("All but land and livestock"),
}
CHECK_NAMES = {
    "sbti_15": N_("SBTi 1.5 °C"),
    "sbti_wb2c": N_("SBTi well below 2 °C"),
    "flag": N_("SBTi FLAG"),
    "intensity_7": N_("SBTi intensity, 7 per cent a year"),
    "renewable": N_("SBTi renewable electricity"),
}


def weaker_target(
    key: str,
    *,
    percent: Decimal,
    years: tuple[int, int],
    scopes: tuple[int, ...],
    default: DefaultTarget,
) -> Iterator[RaisedWarning]:
    """Tell a leading absolute target that cuts less a year than the alliance's, or covers less; `years` are base and target.

    The alliance's pace is counted from the same base year. Other kinds of targets can't be compared in per cent.
    """
    base_year, target_year = years
    with exactly():
        own = percent * (default.target_year - base_year)
        asked = default.percent * (target_year - base_year)
    if own >= asked and set(scopes) >= set(default.scopes):
        return
    values = {
        "given": text(percent),
        "year": target_year,
        "scopes": " + ".join(map(str, scopes)),
        "asked": text(default.percent),
        "until": default.target_year,
        "wanted": " + ".join(map(str, default.scopes)),
    }
    named = tuple((name, str(value)) for name, value in values.items())
    yield RaisedWarning("target.below_programme", f"target/{key}", Weight.SERIOUS, named)


MESSAGES = {
    "target.many": N_(
        "The plan has %(most)s targets, which is the most that the portal keeps. Change one of them, or remove one first."
    ),
    "target.below_programme": N_(
        "The leading target asks for less than the alliance’s: %(given)s per cent by %(year)s in scopes %(scopes)s, instead of %(asked)s per cent by %(until)s in scopes %(wanted)s."
    ),
    "target.base.not_approved": N_(
        "The year %(year)s is not approved yet, so there is nothing to compare with. Hand it in first, or choose another base year."
    ),
    "target.base.zero": N_(
        "In %(year)s these emissions were zero, so nothing can be cut. Choose other scopes or another base year."
    ),
    "target.output.missing": N_(
        "There is no output “%(product)s” for %(year)s. Enter it under Production of that year, or choose another product."
    ),
    "target.product.missing": N_("Choose the product that emissions are divided by."),
    "target.power.missing": N_(
        "No electricity was reported for %(year)s, so there is no share to start from."
    ),
    "target.share.stated": N_(
        "Enter the share that had own targets in the base year, in per cent."
    ),
    "target.year.not_after_base": N_("The target year must come after the base year %(year)s."),
    "target.net_zero.before_target": N_(
        "The net-zero year must not come before the target year %(year)s."
    ),
    "target.percent.compound": N_(
        "A path of equal percentages never reaches zero. Enter less than 100, or choose the straight line."
    ),
    "target.percent.below_default": N_(
        "The alliance’s target is %(percent)s per cent by %(year)s. You can better it, not weaken it; choose “own target” if you can’t follow it."
    ),
}
