"""What each problem of somebody's own table says: what is wrong and how to mend it; the doors translate the texts."""

from __future__ import annotations

from portal.domain.words import N_

MESSAGES: dict[str, str] = {
    "table.header.not_found": N_(
        "No row of titles was found. Put titles such as “site, category, period, quantity, unit” into one row above the figures, or say below which column is what."
    ),
    "table.column.missing": N_(
        "No column says this: %(column)s. Choose the column that does, or give one value for all rows."
    ),
    "table.column.twice": N_(
        "These columns are all taken for the same, %(column)s: %(titles)s. Choose one of them and leave the others out."
    ),
    "table.column.same_title": N_(
        "Two columns have the same title: %(titles)s. Give each column a title of its own and upload the file again."
    ),
    "table.amount.two_ways": N_(
        "There are both a column of quantities and columns of months. Leave one of the two out."
    ),
    "table.row.too_long": N_(
        "This row has more cells than there are titles (%(columns)s). Check whether a separator stands in one of its texts."
    ),
    "table.number.as_text": N_(
        "This number is kept as text in your file; it was read all the same."
    ),
    "table.place.there": N_(
        "The year has a line of this category, site and period already. Both count: add this one only if it is another meter’s or another bill’s."
    ),
    "table.period.month": N_("The day %(given)s was read as the month %(read)s."),
    "table.file.empty": N_("The file is empty. Save the table again and upload it once more."),
    "table.file.too_large": N_("The file is larger than %(most)s MB. Split it into several files."),
    "table.file.too_many_rows": N_(
        "The table has more than %(most)s rows. Split it into several files."
    ),
    "table.file.too_many_columns": N_(
        "A row has more than %(most)s columns. Delete the columns that are not needed."
    ),
    "table.file.quotes": N_(
        "A quotation mark is opened in row %(row)s and never closed, so everything behind it would be one cell. Close it or delete it."
    ),
    "table.file.long_line": N_(
        "Line %(line)s of the file is longer than %(most)s characters. Check whether line breaks are missing, or shorten its texts."
    ),
    "table.file.not_text": N_(
        "The file is no plain text in UTF-8, GB 18030 or UTF-16, or it is damaged. Save it as “CSV UTF-8” and upload it again."
    ),
    "table.file.web_page": N_(
        "The file is a web page. Open it in your spreadsheet program and save it as an .xlsx workbook or as CSV."
    ),
    "table.file.not_read": N_(
        "The file could not be read. Save the values alone into a new workbook or as CSV and upload that."
    ),
    "table.work.changed": N_(
        "A site or the alliance's rules were changed meanwhile, so nothing was added. Look again at what the table comes to."
    ),
    "table.work.not_allowed": N_(
        "Whoever had the lines added may not change this year any more, so nothing was added. Have the lines added by somebody who may."
    ),
    "table.work.gave_up": N_(
        "The work on this table could not be finished, and nothing was added. Try again; an administrator sees why it failed."
    ),
    "table.file.old_format": N_(
        "“%(name)s” is a workbook of the old kind (.xls), which is not read. Open it in Excel or WPS, save it as .xlsx, and upload that."
    ),
    "table.file.kind": N_("Upload an .xlsx workbook or a .csv file; other kinds hold no table."),
    "table.file.gone": N_("The file is no longer there. Upload it again."),
    "table.file.no_rows": N_("There are no rows below the titles. Fill the table in first."),
}
