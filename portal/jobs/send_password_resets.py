"""Sends the letter with a link for a new password, if the address that somebody typed belongs to an account."""

from __future__ import annotations

import secrets

from portal.jobs.held import HeldJob
from portal.services import password_resets

TOKEN_BYTES = 32


def send_password_reset(held: HeldJob) -> None:
    """Make the link and its letter in the transaction that ends the job; nobody is told when there is no account."""
    with held.finishing() as work:
        password_resets.send(work, held.arguments["email"], secrets.token_urlsafe(TOKEN_BYTES))
