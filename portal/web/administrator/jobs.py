"""Background jobs: what waits, runs and failed, and another try for what gave up."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from portal.domain.permissions import Permission, may
from portal.services import jobs
from portal.web import queries
from portal.web.administrator import blueprint
from portal.web.requests import current_work

STATES = ("ready", "running", "done", "dead")
KINDS = {
    "send_message": lazy_gettext("Send a letter"),
    "send_password_reset": lazy_gettext("Send a link for a new password"),
    "issue_certificate": lazy_gettext("Issue a certificate"),
    "render_report": lazy_gettext("Write the report beside a certificate"),
    "try_edition": lazy_gettext("Try a factor edition"),
    "lay_paths": lazy_gettext("Lay target paths anew"),
    "look_through_table": lazy_gettext("Look through a table"),
    "check_table": lazy_gettext("Check the rows of a table"),
    "keep_table": lazy_gettext("Keep the lines of a table"),
    "read_workbook": lazy_gettext("Read a workbook"),
    "apply_workbook": lazy_gettext("Apply a workbook"),
    "lay_partitions": lazy_gettext("Make room for readings of other months"),
    "watch_warnings": lazy_gettext("Look for warnings"),
    "tell_warnings": lazy_gettext("Write letters about warnings"),
    "remind_late": lazy_gettext("Remind of reports that are due"),
    "announce_ends": lazy_gettext("Tell of certificates that end soon"),
    "publish_log": lazy_gettext("Sign and publish the transparency log"),
    "mail_checkpoint": lazy_gettext("Mail the checkpoint to auditors"),
    "sweep": lazy_gettext("Clear away what is no longer needed"),
}


@blueprint.get("/jobs/")
def job_table() -> ResponseReturnValue:
    """List the jobs, newest first."""
    work = current_work()
    state = queries.word("state", [*STATES, ""])
    return render_template(
        "administrator/jobs.html",
        page=jobs.list_jobs(
            work, states=[state] if state else (), before_id=queries.whole("before")
        ),
        state=state,
        states=STATES,
        kinds=KINDS,
        may_retry=bool(may(work.actor, Permission.ALLIANCE_JOB_RETRY)),
    )


# A job has a number and no other name; whoever may see one may see all, so there is nothing to guess.
@blueprint.post("/jobs/<int:job>/retry")
def job_retry(job: int) -> ResponseReturnValue:
    """Give a dead job its attempts again."""
    jobs.retry_job(current_work(), job)
    flash(gettext("The job will be tried again."), "success")
    return redirect(url_for(".job_table"), 303)
