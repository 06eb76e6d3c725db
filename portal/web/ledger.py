"""What an entry of the ledger is about, in words; the code that is hashed stands beside it."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from portal.domain.words import N_

# Every kind that a service records; tests/unit/web/test_ledger.py finds the one that has no name yet.
ENTRY_NAMES = {
    "account.created": N_("Account created"),
    "account.data_taken": N_("Own personal data taken away"),
    "account.described": N_("Name or language changed"),
    "account.disabled": N_("Account disabled"),
    "account.enabled": N_("Account enabled"),
    "account.erased": N_("Person erased"),
    "account.erasure_asked": N_("Asked to be erased"),
    "account.erasure_taken_back": N_("Wish to be erased taken back"),
    "account.password_changed": N_("Password changed"),
    "account.password_reset": N_("Password set anew"),
    "account.recovery_code_used": N_("Recovery code used"),
    "account.roles_changed": N_("Roles changed"),
    "account.second_factor_codes": N_("Recovery codes made"),
    "account.second_factor_off": N_("Second factor removed"),
    "account.second_factor_on": N_("Second factor set up"),
    "account.second_factor_passkey_added": N_("Passkey added"),
    "account.second_factor_passkey_removed": N_("Passkey removed"),
    "account.second_factor_passkey_suspected": N_("Copied passkey refused"),
    "account.second_factor_replaced": N_("Second factor replaced"),
    "account.unit_chosen": N_("Unit to look after chosen"),
    "action.added": N_("Action added"),
    "action.changed": N_("Action changed"),
    "action.copied": N_("Action copied"),
    "action.removed": N_("Action removed"),
    "adjustment.added": N_("Change of a year added"),
    "adjustment.removed": N_("Change of a year removed"),
    "alliance.founded": N_("Alliance founded"),
    "certificate.intended": N_("Certificate decided on"),
    "certificate.rendered": N_("Certificate issued"),
    "certificate.revoked": N_("Certificate revoked"),
    "certificate.superseded": N_("Certificate replaced"),
    "dossier.described": N_("Words of a report changed"),
    "dossier.discarded": N_("Draft of a report thrown away"),
    "dossier.opened": N_("Plan or report begun"),
    "dossier.reopened": N_("Plan or report reopened for correction"),
    "dossier.revised": N_("Plan opened for its next version"),
    "evidence.added": N_("Evidence uploaded"),
    "evidence.linked": N_("Evidence attached to a line"),
    "evidence.removed": N_("Evidence removed"),
    "evidence.unlinked": N_("Evidence detached from a line"),
    "finding.added": N_("Remark made"),
    "finding.answered": N_("Question answered"),
    "finding.removed": N_("Remark taken back"),
    "finding.settled": N_("Answer accepted"),
    "meter.added": N_("Meter added"),
    "meter.changed": N_("Meter changed"),
    "meter.months_taken_over": N_("Months of a meter made into lines"),
    "meter.register_corrected": N_("Replaced register of a meter put right"),
    "meter.register_replaced": N_("Register of a meter replaced"),
    "signature.asked": N_("Signature asked for"),
    "readings.recorded": N_("Meter readings recorded"),
    "import.abandoned": N_("Uploaded file dropped, as nobody came back to it"),
    "import.applied": N_("Uploaded file applied"),
    "import.discarded": N_("Uploaded file thrown away"),
    "import.refused": N_("Uploaded file refused"),
    "import.uploaded": N_("File uploaded to fill a year"),
    "inventory.category.applicable": N_("Category applies again"),
    "inventory.category.not_applicable": N_("Category marked as not applicable"),
    "inventory.noted": N_("Note for the reviewer changed"),
    "inventory.opened": N_("Year begun"),
    "inventory.reopened": N_("Year reopened for correction"),
    "invitation.accepted": N_("Invitation accepted"),
    "invitation.revoked": N_("Invitation withdrawn"),
    "invitation.sent": N_("Invitation sent"),
    "invitation.sent_again": N_("Invitation sent again"),
    "job.retried": N_("Job tried again"),
    "lines.copied": N_("Lines brought over from last year"),
    "lines.imported": N_("Lines taken over from a table"),
    "lines.recorded": N_("Lines recorded"),
    "lines.removed": N_("Lines removed"),
    "lines.saved": N_("Lines saved"),
    "log.key_rotated": N_("Key of the log changed"),
    "member.activated": N_("Member became active"),
    "member.created": N_("Member added"),
    "member.described": N_("Member’s particulars changed"),
    "member.reminded": N_("Reminder sent"),
    "output.added": N_("Product added"),
    "output.changed": N_("Product changed"),
    "output.removed": N_("Product removed"),
    "programme.changed": N_("Programme changed"),
    "progress.reported": N_("State of an action reported"),
    "report.intended": N_("Report put together"),
    "report.rendered": N_("Report beside a certificate made"),
    "site.added": N_("Site added"),
    "site.changed": N_("Site changed"),
    "site.closed": N_("Site closed"),
    "site.reopened": N_("Site opened again"),
    "submission.approved": N_("Submission approved"),
    "submission.replaced": N_("Submission replaced by a newer version"),
    "submission.returned": N_("Submission returned"),
    "submission.submitted": N_("Year submitted"),
    "submission.taken": N_("Evidence bundle taken"),
    "submission.withdrawn": N_("Submission taken back"),
    "target.added": N_("Target added"),
    "target.adopted": N_("Alliance’s target adopted"),
    "target.changed": N_("Target changed"),
    "restatement.set_aside": N_("Recalculated year set aside, as it was approved anew"),
    "target.leads": N_("Leading target chosen"),
    "target.removed": N_("Target removed"),
    "token.made": N_("Token for programs made"),
    "token.revoked": N_("Token for programs revoked"),
    "trial.asked": N_("Trial of a factor edition asked for"),
    "trial.decided": N_("Decided what a factor edition changes"),
    "trial.ready": N_("Trial of a factor edition ready"),
    "unit.added": N_("Unit of the alliance added"),
    "warning.escalated": N_("Warning passed on to the next level"),
    "warning.explained": N_("Reason given for a warning"),
    "warning.resolved": N_("Warning resolved by a person"),
    "warnings.watched": N_("Warnings looked for"),
    "year.opened": N_("Reporting year opened"),
}


def entry_name(kind: str) -> str:
    """What happened, in words; an entry of a release whose kinds are gone is shown by its code."""
    return gettext(ENTRY_NAMES[kind]) if kind in ENTRY_NAMES else kind


def entry_choices() -> list[tuple[str, str]]:
    """Every kind with its name, by name."""
    return sorted(((kind, entry_name(kind)) for kind in ENTRY_NAMES), key=lambda each: each[1])


def init_app(app: Flask) -> None:
    """Give the templates of `app` the names of entries."""
    app.jinja_env.globals.update(entry_name=entry_name, entry_choices=entry_choices)
