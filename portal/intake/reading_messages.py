"""What each problem of a meter or of its readings says: what is wrong and how to mend it; the doors translate the texts."""

from __future__ import annotations

from portal.domain.words import N_

READINGS: dict[str, str] = {
    "timestamp.missing": N_(
        "The moment of the reading is missing. Enter date and time, for example 2026-03-07T10:00:00+08:00."
    ),
    "timestamp.not_a_time": N_(
        "“%(given)s” is no day with a time. Write it like 2026-03-07 10:00."
    ),
    "timestamp.not_a_moment": N_(
        "“%(given)s” is not a moment. Write date and time like 2026-03-07T10:00:00+08:00."
    ),
    "timestamp.no_offset": N_(
        "“%(given)s” doesn’t say in which time zone. Add Z for UTC or the offset, for example +08:00."
    ),
    "timestamp.no_such_moment": N_(
        "“%(given)s” names a day or a time that does not exist. Check year, month, day and hour."
    ),
    "timestamp.leap_second": N_(
        "“%(given)s” is a leap second, which can’t be kept. Write the second before or after it."
    ),
    "timestamp.fraction": N_(
        "“%(given)s” has more than six digits of a second. Cut it to whole seconds."
    ),
    "timestamp.offset": N_(
        "“%(given)s” has an offset that no place has. Write Z for UTC, or for example +08:00."
    ),
    "timestamp.future": N_("“%(given)s” lies ahead. Check the date, and the clock of the meter."),
    "timestamp.shown_twice": N_(
        "“%(given)s” was shown twice by the clocks of %(zone)s, because summer time ended. Add the offset, for example +02:00."
    ),
    "timestamp.skipped": N_(
        "“%(given)s” was never shown by the clocks of %(zone)s, because summer time began. Check the hour, or add the offset."
    ),
    "reading.meter.missing": N_("The meter is missing. Give its code or its serial number."),
    "reading.meter.unknown": N_(
        "No meter of yours has the code or serial number “%(given)s”. Check it, or add the meter first."
    ),
    "reading.meter.other": N_(
        "The message is about “%(given)s” and came under the topic of another meter. Publish it under its own."
    ),
    "reading.message.not_json": N_(
        "The message is not JSON that can be read exactly. Send one reading as an object, or several as a list of them."
    ),
    "reading.too_many": N_("These are more than %(most)s readings. Send them in several parts."),
    "reading.message.too_large": N_("The message is larger than 1 MiB. Send it in several parts."),
    "reading.field.unknown": N_(
        "“%(given)s” is no part of a reading. It takes meter, ts, value, unit, start and reason."
    ),
    "reading.before_start": N_(
        "The meter counts from %(start)s on. Check the moment, or change the meter’s first day."
    ),
    "reading.after_end": N_(
        "The meter was in service until %(end)s. Check the moment, or change the meter’s last day."
    ),
    "reading.start.not_asked": N_(
        "A start belongs to readings of an interval; this meter’s register counts on. Leave it out."
    ),
    "reading.start.not_before": N_("The start of the interval must lie before its end."),
    "reading.too_large": N_("The value is larger than any meter can count in %(unit)s. Check it."),
    "reading.unit.not_exact": N_(
        "In %(unit)s, the meter’s unit, the value would lose digits. Send it in %(unit)s."
    ),
    "reading.beyond_register": N_(
        "The register has %(digits)s digits before the point and can’t show %(given)s. Check the value, or the meter’s digits."
    ),
    "reading.twice": N_(
        "The same moment has another value, %(other)s, in what was sent. Leave one of them out."
    ),
    "meter.unit.does_not_fit": N_(
        "The category is not reported in “%(given)s”. Choose one of: %(allowed)s."
    ),
    "meter.zone.unknown": N_(
        "“%(given)s” is not a time zone. Use a name such as Asia/Shanghai or Europe/Berlin."
    ),
    "meter.ends_before_start": N_("The last day lies before the first one. Check both."),
    "meter.multiplier.zero": N_(
        "Enter what one unit of the register stands for, 1 where it shows the use itself."
    ),
    "reading.file.columns": N_(
        "The first row must name the columns: meter, time, value, and where you have them unit, start and reason. A unit may stand behind a title in brackets."
    ),
}
