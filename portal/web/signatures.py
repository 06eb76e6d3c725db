"""Signatures under what was submitted, as pages may show them: not at all once the person was erased."""

from __future__ import annotations

from flask import Flask, g
from sqlalchemy import select

from portal.store.accounts import Account, is_erased
from portal.store.submissions import Submission
from portal.web.requests import database_session

LOCKED = ("–", "–")


def init_app(app: Flask) -> None:
    """Let templates ask for a signature."""
    app.jinja_env.globals.update(signature_of=signature_of)


def signature_of(submission: Submission) -> tuple[str, str]:
    """Who signed and the post: of an erased person nothing, since the law wants the signature kept and not shown."""
    if submission.submitted_by is not None and _is_erased(submission.submitted_by):
        return LOCKED
    return submission.signed_name, submission.signed_post


def _is_erased(account_id: int) -> bool:
    known: dict[int, bool] = g.setdefault("erased_signatories", {})
    if account_id not in known:
        query = select(Account.email).where(Account.id == account_id)
        known[account_id] = is_erased(database_session().scalars(query).one())
    return known[account_id]
