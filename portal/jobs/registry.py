"""Which handler does which kind of job; a kind that stands here nowhere is parked with an error that says so."""

from __future__ import annotations

from datetime import timedelta

from portal.jobs import fill_workbooks
from portal.jobs.import_tables import check_table, gave_up, keep_table, look_through_table
from portal.jobs.issue_certificates import issue_certificate
from portal.jobs.lay_paths import lay_paths
from portal.jobs.mail_checkpoint import mail_checkpoint
from portal.jobs.publish_log import publish_log
from portal.jobs.queue import Kind
from portal.jobs.remind import announce_ends, remind_late
from portal.jobs.render_reports import render_report
from portal.jobs.send_messages import give_up, send_message
from portal.jobs.send_password_resets import send_password_reset
from portal.jobs.sweep import sweep
from portal.jobs.try_editions import try_edition
from portal.services.certificates import ISSUE_CERTIFICATE, PUBLISH_LOG, RENDER_REPORT
from portal.services.edition_trials import TRY_EDITION
from portal.services.outbox import SEND_MESSAGE
from portal.services.password_resets import SEND_PASSWORD_RESET
from portal.services.tables.files import CHECK, KEEP, LOOK_THROUGH
from portal.services.trial_decisions import LAY_PATHS
from portal.services.workbook_imports import APPLY_WORKBOOK, READ_WORKBOOK

KINDS: dict[str, Kind] = {
    # Mail servers that put off a stranger's first letter take it some minutes later.
    SEND_MESSAGE: Kind(send_message, first_pause=timedelta(minutes=1), when_dead=give_up),
    ISSUE_CERTIFICATE: Kind(issue_certificate),
    RENDER_REPORT: Kind(render_report),
    SEND_PASSWORD_RESET: Kind(send_password_reset),
    TRY_EDITION: Kind(try_edition),
    LAY_PATHS: Kind(lay_paths),
    LOOK_THROUGH: Kind(look_through_table, when_dead=gave_up),
    CHECK: Kind(check_table, when_dead=gave_up),
    KEEP: Kind(keep_table, when_dead=gave_up),
    READ_WORKBOOK: Kind(fill_workbooks.read_workbook, when_dead=fill_workbooks.give_up),
    APPLY_WORKBOOK: Kind(fill_workbooks.apply_workbook, when_dead=fill_workbooks.give_up),
    "remind_late": Kind(remind_late),
    "announce_ends": Kind(announce_ends),
    "sweep": Kind(sweep),
    PUBLISH_LOG: Kind(publish_log),
    "mail_checkpoint": Kind(mail_checkpoint),
}
