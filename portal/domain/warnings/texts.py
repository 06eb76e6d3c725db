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
    "line.quantity.zero": N_(
        "Nothing is entered here, but last year it was %(last)s %(unit)s. Enter the amount from the bill, or say why nothing was used."
    ),
    "line.month.high": N_(
        "This month is %(ratio)s times what the same month of earlier years lets expect (%(last)s %(unit)s). "
        "Check the number against the bill; if it is right, say why it is high."
    ),
    "line.month.low": N_(
        "This month is %(percent)s percent of what the same month of earlier years lets expect (%(last)s %(unit)s). "
        "Check the number against the bill; if it is right, say why it is low."
    ),
    "series.months.swapped": N_(
        "The months %(first)s and %(second)s look exchanged: each fits the other’s place. Check both against the bills."
    ),
    "series.months.level": N_(
        "From %(month)s on the months are about %(ratio)s times what they were. Check meter and unit, or say what changed then."
    ),
    "series.months.drift": N_(
        "The months drift away from earlier years, by the end to about %(ratio)s times. Check the meter, or say what changed."
    ),
    "series.months.equal": N_(
        "%(count)s months in a row have the same amount (%(last)s %(unit)s), from %(month)s on. "
        "Enter what was read in each month, or say why they are equal."
    ),
    "series.copied": N_(
        "These lines equal last year’s to the last digit (%(count)s). Enter this year’s amounts, or say why nothing changed."
    ),
    "year.copied": N_(
        "Lines that equal last year’s to the last digit: %(count)s. Enter this year’s amounts, or say why nothing changed."
    ),
    "series.exchanged": N_(
        "This looks exchanged with “%(category)s” at site %(site)s: each has about what the other had last year. Check both."
    ),
    "series.year.grown": N_(
        "The year is about %(ratio)s times last year. Check the lines against the bills, or say what changed."
    ),
    "series.output.apart": N_(
        "The year is about %(ratio)s times last year, but production is %(made)s times. Check both, or say what changed."
    ),
    "series.days.missing": N_(
        "The lines cover %(percent)s percent of the year, and last year they covered all of it. Add the rest, or say why nothing was used."
    ),
    "output.quantity.slip": N_(
        "“%(product)s” is about %(ratio)s times last year’s %(last)s %(unit)s: a unit or the decimal point may have slipped. Check the number."
    ),
    "output.quantity.jump": N_(
        "“%(product)s” is about %(ratio)s times last year’s %(last)s %(unit)s. Check the number, or say what changed."
    ),
    "year.intensity.apart": N_(
        "Emissions for each unit of “%(product)s” are about %(ratio)s times those of earlier years. Check production and lines, or say what changed."
    ),
    "year.scope.shifted": N_(
        "Scope %(scope)s is %(percent)s percent of the whole, and was %(before)s percent last year. Check that nothing is missing, or say what changed."
    ),
    "year.peers.apart": N_(
        "In %(year)s emissions for each unit of product are about %(ratio)s times the middle of %(count)s members that make the same. "
        "Look at what was reported and at the boundary."
    ),
    "factor.outdated": N_(
        "The emission factor is of %(factor_year)s. Ask whoever runs the portal for a newer edition, or say why none is needed."
    ),
    "report.late": N_(
        "The report of %(year)s was due on %(due)s and has not been handed in. Hand it in, or ask your coordinator for help."
    ),
    "target.off_track": N_(
        "In %(year)s emissions were %(percent)s percent above what the target allows. Plan further actions, or say what will bring them back."
    ),
    "target.none_allowed": N_(
        "In %(year)s the target allows no emissions any more, and there were %(tonnes)s t CO2e. Plan further actions, or say what will bring them back."
    ),
    "certificate.ending": N_(
        "Certificate %(number)s ends on %(until)s. Hand in the next year in time, so that a new one can follow."
    ),
    "meter.gap": N_(
        "From %(day)s on readings are missing (%(count)s). Look at the meter and its connection, and enter them by hand."
    ),
    "meter.doubtful": N_(
        "From %(day)s on readings contradict each other (months: %(count)s), so nobody can tell what was used. "
        "Correct the one that is wrong, or say that the register was replaced."
    ),
    "meter.negative": N_(
        "On %(day)s the meter shows %(quantity)s %(unit)s, less than nothing. Check its direction and its reading."
    ),
    "meter.nothing": N_(
        "On %(day)s the meter shows nothing, though it usually counts. Look at the meter, or say why nothing was used."
    ),
    "meter.stuck": N_(
        "From %(day)s on the meter shows the same amount %(count)s times (%(quantity)s %(unit)s). Look at the meter; it may stand still."
    ),
    "meter.slip": N_(
        "From %(day)s: %(quantity)s %(unit)s, where about %(last)s was to be expected. Unit, factor or decimal point of the meter may be wrong."
    ),
    "meter.spike": N_(
        "From %(day)s: %(quantity)s %(unit)s, where about %(last)s was to be expected. Check the reading, or say what happened."
    ),
    "meter.level": N_(
        "From %(day)s on the meter counts about %(ratio)s times what it did. Check its factor, or say what changed then."
    ),
    "meter.drift": N_(
        "Since %(day)s the meter drifts away from earlier years, to about %(ratio)s times. Have it checked, or say what changed."
    ),
}

# What kind of warning each is, for lists and filters.
KIND_NAMES: dict[str, str] = {
    "action.milestone.overdue": N_("Overdue step of an action"),
    "category.expected.absent": N_("Usual source not reported"),
    "category.last_year.absent": N_("Source of last year not reported"),
    "certificate.ending": N_("Certificate runs out"),
    "factor.outdated": N_("Factor of an earlier time"),
    "inventory.output.absent": N_("No production"),
    "line.duplicate": N_("Repeated line"),
    "line.month.high": N_("Unusually high month"),
    "line.month.low": N_("Unusually low month"),
    "line.period.beyond_year": N_("Period beyond the year"),
    "line.quantity.drop": N_("Fall against last year"),
    "line.quantity.jump": N_("Rise against last year"),
    "line.quantity.odd_month": N_("Odd month"),
    "line.quantity.zero": N_("Nothing where there was something"),
    "line.slip.coal_equivalent": N_("GJ and tce mixed up"),
    "line.slip.hundred": N_("Decimal point, 100 times"),
    "line.slip.mega_joule": N_("kWh and MJ mixed up"),
    "line.slip.million": N_("Unit, a million times"),
    "line.slip.ten": N_("Digit or decimal point, 10 times"),
    "line.slip.ten_thousand": N_("Ten thousands (万)"),
    "line.slip.thousand": N_("Unit, 1000 times"),
    "meter.doubtful": N_("Readings contradict each other"),
    "meter.drift": N_("Meter drifts"),
    "meter.gap": N_("Readings missing"),
    "meter.level": N_("Meter counts on another level"),
    "meter.negative": N_("Meter below nothing"),
    "meter.nothing": N_("Meter counts nothing"),
    "meter.slip": N_("Unit or factor of a meter"),
    "meter.spike": N_("Meter leaps"),
    "meter.stuck": N_("Meter stands still"),
    "output.quantity.jump": N_("Production far from last year"),
    "output.quantity.slip": N_("Unit or decimal point of production"),
    "report.late": N_("Late report"),
    "series.copied": N_("Copy of last year"),
    "series.days.missing": N_("Part of the year"),
    "series.evidence.missing": N_("Lines without evidence"),
    "series.exchanged": N_("Sites or sources exchanged"),
    "series.month.missing": N_("Months missing"),
    "series.months.drift": N_("Months drift away"),
    "series.months.equal": N_("Equal months"),
    "series.months.level": N_("Months on another level"),
    "series.months.swapped": N_("Months exchanged"),
    "series.output.apart": N_("Apart from production"),
    "series.period.overlap": N_("Overlapping periods"),
    "series.total.drop": N_("Fall of the year"),
    "series.total.jump": N_("Rise of the year"),
    "series.total.outlier": N_("Year far from those before"),
    "series.year.grown": N_("Change of the year"),
    "target.none_allowed": N_("Emissions where the target allows none"),
    "target.off_track": N_("Off the target’s path"),
    "year.copied": N_("Copy of last year, whole year"),
    "year.intensity.apart": N_("Intensity far from earlier years"),
    "year.peers.apart": N_("Intensity far from similar members"),
    "year.scope.shifted": N_("Shares of scopes shifted"),
}

# What can only be said of a year that is finished: of one that is being filled, half of it is true every day.
OF_WHOLE_YEARS = (
    "category.",
    "inventory.",
    "output.",
    "year.",
    "series.month.missing",
    "series.days.missing",
    "series.evidence.missing",
    "series.total.",
    "series.year.",
    "series.output.",
)

# What others' figures went into: told to the alliance's people only, whatever the group's size.
INTERNAL = frozenset({"year.peers.apart"})
