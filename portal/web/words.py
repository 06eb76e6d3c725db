"""What codes mean to a reader: the words of problems and refusals, in the language of the page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from portal.calculation import problems, units
from portal.calculation.problems import Problem
from portal.domain import (
    actions,
    cells,
    evidence,
    inventories,
    plans,
    programmes,
    restatements,
    targets,
    warnings,
    workbooks,
)
from portal.domain.refusals import Refusal
from portal.intake import messages
from portal.intake.tables import messages as table_messages
from portal.services import evidence as evidence_files
from portal.services import (
    imports,
    meter_days,
    meter_months,
    meter_readings,
    meter_troubles,
    metered_lines,
    meters,
    outputs,
)
from portal.web.names import category_name

# Every code that a page may have to say, with its English words; the catalogue has the Chinese ones.
PROBLEMS: dict[str, str] = {
    **problems.MESSAGES,
    **messages.MESSAGES,
    **table_messages.MESSAGES,
    **inventories.MESSAGES,
    **warnings.MESSAGES,
    **evidence.MESSAGES,
    **cells.MESSAGES,
    **targets.MESSAGES,
    **actions.MESSAGES,
    **plans.MESSAGES,
    **restatements.MESSAGES,
    **programmes.MESSAGES,
    **outputs.MESSAGES,
    **meters.MESSAGES,
    **meter_days.MESSAGES,
    **meter_readings.MESSAGES,
    **meter_troubles.MESSAGES,
    **meter_months.MESSAGES,
    **metered_lines.MESSAGES,
    **evidence_files.MESSAGES,
    **workbooks.MESSAGES,
    **imports.MESSAGES,
}

REFUSALS: dict[str, Any] = {
    "alliance.missing": lazy_gettext(
        "This portal has no alliance and no reporting year yet. Whoever runs it founds one with the command “portal alliance”."
    ),
    "progress.plan.missing": lazy_gettext(
        "There is no approved reduction plan to report on. Hand it in first."
    ),
    "progress.year.not_approved": lazy_gettext(
        "The activity data of this year are not approved yet. Progress is reported against approved data."
    ),
    "workbook.lines.too_many": lazy_gettext(
        "The year has more lines than a workbook takes, which is 20,000. Take the workbook without lines, or read them through the API."
    ),
    "plan.stays": lazy_gettext(
        "A company has one reduction plan, which stays. Each of its targets and actions can be removed."
    ),
    "dossier.handed_in": lazy_gettext(
        "This was handed in before, so it can’t be thrown away. Correct it and submit it again."
    ),
    "plan.not_begun": lazy_gettext(
        "The reduction plan has not been begun yet. Begin it on the page “Reduction plan”."
    ),
    "action.reported": lazy_gettext(
        "A progress report speaks of this action. Set its status to “Stopped” and say why, instead of removing it."
    ),
    "member.base_year.in_use": lazy_gettext(
        "Your reduction plan has been handed in with this base year, so it stays. A target of your own can have another one."
    ),
    "programme.moved_on": lazy_gettext(programmes.MOVED_ON),
    "trial.running": lazy_gettext("This trial is still being worked out."),
    "trial.decided": lazy_gettext("This member has been decided on meanwhile."),
    "trial.outdated": lazy_gettext(
        "An approved year of this member has changed since the trial. Ask for a new trial, or keep the years as they count today."
    ),
    "restatement.years.missing": lazy_gettext(
        "There is no approved year yet, so there is nothing to recalculate."
    ),
    "submission.bundle.not_approved": lazy_gettext(
        "There is an evidence bundle of approved submissions only. Come back when this one is approved."
    ),
    "submission.decision.own": lazy_gettext(
        "You submitted this yourself, so somebody else must decide it."
    ),
    "submission.return.reason_missing": lazy_gettext("Say why you return it."),
    "finding.state.moved_on": lazy_gettext("This remark has been answered or settled meanwhile."),
    "member.code.taken": lazy_gettext("Another member has the code %(code)s already."),
    "line.moved_on": lazy_gettext("A line was changed meanwhile. Load the table again."),
    "evidence.in_use": lazy_gettext(
        "This file supports a line or something that was submitted, so it stays."
    ),
    "inventory.category.reported": lazy_gettext(
        "This category has lines in the year. Remove them first, or leave it as it is."
    ),
    "site.place.many_lines": lazy_gettext(
        "%(count)s lines of open years stand at this site, and all of them would have to be worked out again; up to %(most)s can be. Add a site for the new place instead, and close this one once its years are approved."
    ),
    "signature.asked_already": lazy_gettext(
        "The signatory was asked within the last day. Call, or wait a little."
    ),
    "signature.nobody": lazy_gettext(
        "Nobody of your company may sign yet. Ask your coordinator to invite your signatory."
    ),
    "effort.too_often": lazy_gettext(
        "Your company has asked for this %(most)s times within an hour, and it takes long for so much data. Wait a while, then go on."
    ),
    "lines.copy.many": lazy_gettext(
        "Last year has more than %(most)s lines, which is the most that are brought over at once. Take them over as a table of your own."
    ),
    "site.many": lazy_gettext(
        "Your company has %(most)s sites, which is the most that the portal keeps. Report small ones together as one site."
    ),
    "action.many": lazy_gettext(
        "The plan has %(most)s actions, which is the most that the portal keeps. Describe several as one, or remove one first."
    ),
    "site.code.taken": lazy_gettext("Another of your sites has the code %(code)s already."),
    "certificate.revocation.reason_missing": lazy_gettext("Say why the certificate ends."),
    "certificate.state.moved_on": lazy_gettext(
        "This certificate has been replaced or revoked meanwhile, or is still being issued."
    ),
    "reading.meter_changed": lazy_gettext(
        "A meter was changed while your file was read. Upload it again."
    ),
    "warning.moved_on": lazy_gettext(
        "What was noticed has changed meanwhile. Look at the warnings of the year again."
    ),
    "submission.state.moved_on": lazy_gettext(
        "This submission has been decided, withdrawn or replaced meanwhile."
    ),
    "table.moved_on": lazy_gettext("This table has been taken over or put aside meanwhile."),
    "table.not_sound": lazy_gettext(
        "Some rows of this table can't be added yet. Put them right first."
    ),
    "table.too_many_waiting": lazy_gettext(
        "As many tables of this year wait already as may: twenty, or 256 MB together. Take one over or put it aside first."
    ),
    "table.too_many_passes": lazy_gettext(
        "Your company had long tables worked through %(most)s times within an hour. Wait a while, then go on."
    ),
    "table.changed_meanwhile": lazy_gettext(
        "A site or the alliance's rules were changed since the table was checked. Check it again."
    ),
    "inventory.state.moved_on": lazy_gettext("This year has been submitted or decided meanwhile."),
    "account.email.taken": lazy_gettext(
        "Somebody with this e-mail address has an account already."
    ),
    "account.administrator.last": lazy_gettext(
        "This is the only administrator. Make somebody else an administrator first."
    ),
    "token.too_many": lazy_gettext("You have twenty tokens. Revoke one first."),
    "token.not_offered": lazy_gettext(
        "Your account can't give a token that power. Choose from what is offered."
    ),
    "passkey.too_many": lazy_gettext("You have ten passkeys. Remove one first."),
    "passkey.name.taken": lazy_gettext("Another passkey of yours has this name."),
    "account.erased": lazy_gettext("The person behind this account was erased. Invite them anew."),
    "account.own.erase": lazy_gettext("You can't erase yourself. Ask another administrator."),
    "account.own.disable": lazy_gettext(
        "You can't disable your own account. Ask another administrator."
    ),
    "invitation.open_already": lazy_gettext(
        "This person has an invitation that is still open. Send that one again."
    ),
    "invitation.state.moved_on": lazy_gettext(
        "This invitation has been accepted or withdrawn meanwhile."
    ),
    "account.roles.wrong_side": lazy_gettext(
        "Choose at least one role. People of a supplier and people of the alliance have different roles."
    ),
}


# The columns of a line, as a message about a whole table names them.
COLUMNS: dict[str, Any] = {
    "category": lazy_gettext("Category"),
    "quantity": lazy_gettext("Quantity"),
    "unit": lazy_gettext("Unit"),
    "site": lazy_gettext("Site"),
    "period": lazy_gettext("Period"),
    "start": lazy_gettext("First day"),
    "end": lazy_gettext("Last day"),
    "year": lazy_gettext("Year"),
    "note": lazy_gettext("Note"),
}


def say(problem: Problem) -> str:
    """The words of a problem, with what it names; a code without words is a bug and raises KeyError."""
    return gettext(PROBLEMS[problem.code]) % {
        name: _in_words(name, value) for name, value in problem.values
    }


def _in_words(name: str, value: str) -> str:
    """What a message names, as a reader calls it: a category by its name, a dimension in their language."""
    match name:
        case "category":
            return category_name(value)
        case "column":
            return str(COLUMNS.get(value, value))
        case "dimension":
            return gettext(value) if value in units.DIMENSION_NAMES.values() else value
        case "allowed" | "months":
            return value.replace(", ", gettext(", "))
        case _:
            return value


def say_refusal(refusal: Refusal) -> str | None:
    """The words of a refusal, or None when the page of its status says all there is to say."""
    words = REFUSALS.get(refusal.code)
    return None if words is None else str(words) % refusal.values
