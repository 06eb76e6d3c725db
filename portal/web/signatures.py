"""Signatures under what was submitted, as pages may show them: not at all once the person was erased."""

from __future__ import annotations

from flask import Flask

from portal.store.accounts import Account
from portal.store.submissions import Submission
from portal.web.requests import database_session

LOCKED = ("–", "–")


def init_app(app: Flask) -> None:
    """Let templates ask for a signature."""
    app.jinja_env.globals.update(signature_of=signature_of)


def signature_of(submission: Submission) -> tuple[str, str]:
    """Who signed and the post: of an erased person nothing, since the law wants the signature kept and not shown."""
    signer = submission.submitted_by and database_session().get(Account, submission.submitted_by)
    if signer and signer.is_erased:
        return LOCKED
    return submission.signed_name, submission.signed_post
