"""What each warning says and what to do about it; the catalogue has the Chinese words."""

from __future__ import annotations

from portal.domain.words import N_

MESSAGES: dict[str, str] = {
    "line.quantity.jump": N_(
        "This is %(ratio)s times last year's %(last)s %(unit)s. Check the number against the bill; if it is right, say why it grew."
    ),
    "line.quantity.drop": N_(
        "This is %(percent)s percent of last year's %(last)s %(unit)s. "
        "Check the number against the bill; if it is right, say why it fell."
    ),
    "line.slip.mega_joule": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 3.6: kilowatt hours and megajoules may be mixed up. Check the unit."
    ),
    "line.slip.coal_equivalent": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 29.3: gigajoules and tonnes of coal equivalent "
        "may be mixed up. Check the unit."
    ),
    "line.slip.ten": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 10: a digit or the decimal point may have slipped. Check the number."
    ),
    "line.slip.hundred": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 100: the decimal point may have slipped. Check the number."
    ),
    "line.slip.thousand": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 1000: kilo and mega units (kWh and MWh, kg and t) "
        "may be mixed up. Check the unit."
    ),
    "line.slip.ten_thousand": N_(
        "Compared with %(last)s %(unit)s before, this differs by about 10,000: the bill may count in ten thousands (万). Check the unit."
    ),
    "line.slip.million": N_(
        "Compared with %(last)s %(unit)s before, this differs by about a million: the unit may be two steps off. Check the unit."
    ),
    "line.quantity.odd_month": N_(
        "This month is %(ratio)s times the usual month of this year (%(last)s %(unit)s). Check the number and its unit."
    ),
    "line.duplicate": N_(
        "Line %(position)s and line %(other)s say the same: category, site, period, quantity and unit. "
        "Remove one, or say why both are right."
    ),
    "line.period.beyond_year": N_(
        "The period goes beyond the year %(year)s. Split it at the turn of the year, or say why the bill can't be split."
    ),
    "series.evidence.missing": N_(
        "Lines without evidence: %(count)s. Attach the bill or the meter reading, or say why there is none."
    ),
    "series.month.missing": N_(
        "Months without a line: %(months)s. Add them, or say why nothing was used."
    ),
    "series.period.overlap": N_(
        "Line %(position)s overlaps line %(other)s with a period of another length: the same use may be counted twice. "
        "Remove one, or say why both are right."
    ),
    "series.total.jump": N_(
        "The year's total is %(ratio)s times last year's. Check the lines against the bills; if it is right, say why it grew."
    ),
    "series.total.drop": N_(
        "The year's total is %(percent)s percent of last year's. Check that no line is missing; if it is right, say why it fell."
    ),
    "series.total.outlier": N_(
        "The year's total lies far from the years before (their median is %(median)s kg CO2e). Check the lines, or say what changed."
    ),
    "category.expected.absent": N_(
        "A supplier like you usually reports this. Add a line, or mark it as not applicable with the reason."
    ),
    "inventory.output.absent": N_(
        "The year's production is missing. Enter what was produced, so that intensities can be stated, or say why it can't be."
    ),
    "category.last_year.absent": N_(
        "You reported this last year. Add a line, or mark it as not applicable with the reason."
    ),
}
