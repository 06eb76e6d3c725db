"""What each problem code of this floor says: what is wrong and how to mend it; the doors translate the texts."""

from __future__ import annotations

from portal.domain.words import N_
from portal.intake.reading_messages import READINGS

_CHOICES: dict[str, str] = {
    "choice.missing": N_("Choose one."),
    "choice.not_offered": N_("“%(given)s” is not among the choices. Choose one of those offered."),
}

_NUMBERS: dict[str, str] = {
    "number.missing": N_("Enter a number, for example 1250.5, or 0 if there is nothing."),
    "number.none_written": N_(
        "“%(given)s” is not a number. If nothing was used, enter 0; if this does not apply to you, mark it as not applicable."
    ),
    "number.not_a_number": N_(
        "“%(given)s” is not a number. Enter digits only, for example 1250.5."
    ),
    "number.not_finite": N_(
        "“%(given)s” is not an amount. Enter what was measured, for example 1250.5."
    ),
    "number.too_long": N_(
        "This is longer than any number can be here (%(longest)s characters). Enter digits only, for example 1250.5."
    ),
    "number.invisible": N_(
        "“%(given)s” contains a character that can't be seen. Type the number again."
    ),
    "number.negative": N_("“%(given)s” is below zero. Enter 0 or a positive number."),
    "number.negative_notation": N_(
        "“%(given)s” is how accounts write a number below zero. Enter what was used, as a positive number."
    ),
    "number.below": N_("“%(given)s” is too small. Enter a number from %(minimum)s on."),
    "number.above": N_("“%(given)s” is too large. Enter a number up to %(maximum)s."),
    "number.too_large": N_(
        "“%(given)s” is too large. At most %(digits)s digits before the point can be kept; use a larger unit."
    ),
    "number.too_small": N_(
        "“%(given)s” would become 0 at %(decimals)s decimals. Use a smaller unit."
    ),
    "number.decimals": N_(
        "“%(given)s” has more than %(decimals)s decimals and would be kept as %(readings)s. Is that right?"
    ),
    "number.scaled": N_(
        "Does “%(given)s” mean %(readings)s? Enter the number in digits or confirm."
    ),
    "number.exponent": N_(
        "Does “%(given)s” mean %(readings)s? Enter the number in digits or confirm."
    ),
    "number.separators_doubtful": N_(
        "“%(given)s” can be read as %(readings)s. Which one do you mean?"
    ),
    "number.separators": N_(
        "The separators in “%(given)s” are not clear. Write 1234567.8 or 1,234,567.8: a point before the decimals, commas or spaces between groups of three."
    ),
    "number.spreadsheet_error": N_(
        "“%(given)s” is a spreadsheet's error message. Correct the formula there, or type the number."
    ),
    "number.in_words": N_(
        "“%(given)s” is written in words. Enter the number in digits, for example 1250.5."
    ),
    "number.other_digits": N_(
        "“%(given)s” uses signs that are not the digits 0 to 9. Type the number again, for example 1250.5."
    ),
    "number.currency": N_(
        "“%(given)s” is an amount of money. Enter the physical amount, for example the kWh on the bill."
    ),
    "number.percent": N_(
        "“%(given)s” has a percent sign. Enter the amount itself, without the sign."
    ),
    "number.approximate": N_(
        "“%(given)s” is an estimate in words. Enter the best number you have and say in the note that it is estimated."
    ),
    "number.inequality": N_("“%(given)s” is a limit, not an amount. Enter the amount itself."),
    "number.range": N_("“%(given)s” is a range. Enter one number, and the range in the note."),
    "number.fraction": N_("“%(given)s” is a fraction. Enter it as a decimal, for example 0.5."),
    "number.expression": N_("“%(given)s” is a calculation. Enter its result."),
    "number.programming": N_(
        "“%(given)s” is a computer's way to write a number. Enter decimal digits, for example 1250.5."
    ),
    "number.with_unit": N_(
        "Enter only the number here (%(number)s) and choose the unit (%(unit)s) in its own field."
    ),
    "number.not_whole": N_("“%(given)s” is not a whole number. Enter it without a decimal point."),
    "number.unusual": N_(
        "%(given)s is unusually large. Check the number and its unit; the coordinator sees this remark too."
    ),
    "percent.perhaps_a_share": N_(
        "“%(given)s” can be read as %(readings)s per cent. Which one do you mean?"
    ),
}

_UNITS: dict[str, str] = {
    "unit.missing": N_("Choose a unit: %(allowed)s."),
    "unit.not_a_text": N_("“%(given)s” is not a unit. Send the unit as a text."),
    "unit.unknown": N_("The unit “%(given)s” is not known. Choose one of: %(allowed)s."),
    "unit.does_not_fit": N_(
        "“%(given)s” does not fit here. Choose a unit that fits this category: %(allowed)s."
    ),
    "unit.doubtful": N_("“%(given)s” is not a clear unit. Do you mean: %(readings)s?"),
    "unit.power": N_(
        "“%(given)s” is power, not energy. Enter the energy, for example in kWh. Units that fit: %(allowed)s."
    ),
    "unit.currency": N_(
        "“%(given)s” is money. Enter the physical amount and its unit. Units that fit: %(allowed)s."
    ),
    "unit.emission": N_(
        "“%(given)s” is an emission, which the portal works out itself. Enter what was used. Units that fit: %(allowed)s."
    ),
    "unit.ratio": N_("“%(given)s” is a share, not an amount. Units that fit: %(allowed)s."),
    "unit.time": N_(
        "“%(given)s” is a time. Enter the amount used in that time. Units that fit: %(allowed)s."
    ),
    "unit.temperature": N_("“%(given)s” is a temperature. Units that fit: %(allowed)s."),
}

_DATES: dict[str, str] = {
    "date.missing": N_("Choose the day, or enter it as YYYY-MM-DD, for example 2025-03-07."),
    "date.not_a_date": N_(
        "“%(given)s” is not a day. Enter it as YYYY-MM-DD, for example 2025-03-07."
    ),
    "date.no_such_day": N_(
        "“%(given)s” is not in the calendar. Check day and month; enter it as YYYY-MM-DD."
    ),
    "date.order": N_("Is “%(given)s” %(readings)s? Choose one, or enter the day as YYYY-MM-DD."),
    "date.short_year": N_(
        "Write the year of “%(given)s” with four digits: YYYY-MM-DD, for example 2025-03-07."
    ),
    "date.serial": N_(
        "“%(given)s” is a spreadsheet's number for a day. If it means %(meant)s, enter that."
    ),
    "date.with_time": N_("“%(given)s” has a time of day. Enter only the day as YYYY-MM-DD."),
    "date.era": N_(
        "“%(given)s” counts years in another calendar. Enter the day as YYYY-MM-DD, for example 2025-03-07."
    ),
    "date.too_early": N_(
        "“%(given)s” lies before the programme, which takes data from %(earliest)s on."
    ),
    "date.too_late": N_("“%(given)s” lies after %(latest)s. Check the year."),
    "period.missing": N_("Enter the period, for example 2025, 2025-03 or 2025-01-01/2025-03-31."),
    "period.not_a_period": N_(
        "“%(given)s” is not a period. Enter a year, a month or two days: 2025, 2025-03 or 2025-01-01/2025-03-31."
    ),
    "period.no_such_period": N_(
        "“%(given)s” does not exist in the calendar, or ends before it begins. Check its parts."
    ),
    "period.doubtful": N_("“%(given)s” can be read as %(readings)s. Which one do you mean?"),
    "period.open_end": N_(
        "“%(given)s” has no end. Enter the last day too, for example 2025-01-01/2025-03-31."
    ),
    "period.reversed": N_(
        "The period ends (%(end)s) before it begins (%(start)s). Change one of the two days."
    ),
    "period.too_early": N_(
        "The period %(given)s begins before the programme, which takes data from %(earliest)s on."
    ),
    "period.too_long": N_(
        "The period %(given)s has %(days)s days. A line covers at most %(most)s; enter one line a year or month."
    ),
    "period.ahead": N_(
        "The period %(given)s lies in the future. Enter a period that has begun by %(today)s."
    ),
    "period.not_over": N_(
        "“%(given)s” is not over yet. Which days does the number cover: %(readings)s?"
    ),
    "period.across_years": N_(
        "The period %(given)s lies in two calendar years. The coordinator sees this remark too."
    ),
    "period.still_running": N_(
        "The period %(given)s was not over on %(today)s. The coordinator sees this remark too."
    ),
}

_TEXTS: dict[str, str] = {
    "text.missing": N_("Enter a text."),
    "text.not_a_text": N_("“%(given)s” is not a text. Send it as a text."),
    "text.blank": N_("Nothing of this text can be seen. Enter a text."),
    "text.too_long": N_("This text has %(length)s characters. Shorten it to at most %(longest)s."),
    "text.line_break": N_(
        "This text must stay on one line. Remove the line break or tab (%(character)s) at position %(place)s."
    ),
    "text.unseen_character": N_(
        "This text contains a character that can't be seen or kept (%(character)s) at position %(place)s. Type the text again there."
    ),
    "text.stacked_marks": N_(
        "There are too many marks on one letter (%(character)s) at position %(place)s. Remove them."
    ),
    "code.missing": N_("Enter the code."),
    "code.not_a_text": N_("“%(given)s” is not a code. Send it as a text."),
    "code.characters": N_(
        "“%(given)s” can't be a code. Use letters A to Z, digits, and dots, dashes or underscores between them."
    ),
    "code.length": N_(
        "“%(given)s” can't be a code. Use %(shortest)s to %(longest)s letters and digits."
    ),
    "credit_code.length": N_(
        "A unified social credit code has 18 characters; “%(given)s” has %(length)s. Compare it with the business licence."
    ),
    "credit_code.characters": N_(
        "“%(given)s” is not a unified social credit code, which never contains I, O, S, V or Z. Compare it with the business licence."
    ),
    "credit_code.check": N_(
        "The last character of “%(given)s” does not match the others. Compare the code with the business licence."
    ),
}

_ADDRESSES: dict[str, str] = {
    "email.missing": N_("Enter an e-mail address."),
    "email.not_an_address": N_(
        "“%(given)s” is not an e-mail address. Enter one like name@example.com."
    ),
    "email.several": N_("Enter one e-mail address only."),
    "email.domain": N_("“%(given)s” can't receive mail. Check the part after the @ sign."),
    "email.too_long": N_("An e-mail address has at most %(longest)s characters."),
    "url.missing": N_("Enter a web address."),
    "url.not_an_address": N_(
        "“%(given)s” is not a web address. Enter one like https://www.example.com/report."
    ),
    "url.scheme": N_(
        "“%(given)s” does not begin with https:// or http://. Enter the whole web address."
    ),
    "url.credentials": N_(
        "A web address here must not contain a user name or password. Remove the part before the @ sign."
    ),
    "url.host": N_(
        "“%(given)s” is not a public web site's name. Enter an address like https://www.example.com/report."
    ),
    "url.too_long": N_("A web address has at most %(longest)s characters."),
    "password.missing": N_("Enter a password."),
    "password.too_short": N_(
        "Use at least %(shortest)s characters. A few unrelated words make a good password."
    ),
    "password.too_long": N_("Use at most %(longest)s characters."),
    "password.unusable_character": N_(
        "The password contains a character that can't be typed. Use letters, digits, signs and spaces."
    ),
    "password.common": N_(
        "Very many people use this password. Choose another; a few unrelated words make a good one."
    ),
    "password.context": N_(
        "This password is made of your name, your company or words of this portal. Choose words that have nothing to do with it."
    ),
    "password.pattern": N_(
        "This password is a simple pattern. Choose a few unrelated words instead."
    ),
    "password.only_digits": N_(
        "This password has only digits. Choose a few unrelated words instead."
    ),
    "filename.missing": N_("The file has no name. Give it one and upload it again."),
    "filename.too_long": N_("The file's name is too long. Shorten it and upload the file again."),
    "filename.unseen_character": N_(
        "The file's name contains a character that can't be seen (%(character)s). Rename it and upload it again."
    ),
    "filename.not_a_name": N_(
        "“%(given)s” can't be a file's name here. Use a name without a colon that does not begin with a dot."
    ),
    "filename.extension": N_(
        "“%(given)s” is of a kind that is not taken. Its name must end in one of: %(allowed)s."
    ),
}

_LINES: dict[str, str] = {
    "line.category.missing": N_("Choose a category."),
    "line.category.not_listed": N_(
        "The category “%(given)s” is not known. Choose one from the list."
    ),
    "line.site.missing": N_("Choose a site."),
    "line.site.not_yours": N_(
        "The site “%(given)s” is not one of yours. Choose one of: %(allowed)s."
    ),
    "line.period.outside_year": N_(
        "The period %(given)s does not touch the year %(year)s of this inventory. Change it, or enter it in that year."
    ),
    "line.parameter.not_asked": N_("“%(given)s” is not asked for in this category. Remove it."),
    "line.choice.missing": N_("Choose one of: %(allowed)s."),
    "line.choice.not_listed": N_(
        "“%(given)s” is not one of the choices. Choose one of: %(allowed)s."
    ),
}

READ_AS = N_("Read as “%(read)s” (typed: “%(typed)s”).")

MESSAGES: dict[str, str] = {
    **_CHOICES,
    **_NUMBERS,
    **_UNITS,
    **_DATES,
    **_TEXTS,
    **_ADDRESSES,
    **_LINES,
    **READINGS,
}
