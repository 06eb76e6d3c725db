"""The portal's rules for passwords, where Flask-Security asks for its own."""

from __future__ import annotations

from typing import Any

from flask_security import PasswordUtil

from portal.services import passwords
from portal.web.requests import current_account
from portal.web.words import say


class PortalPasswords(PasswordUtil):  # type: ignore[misc]  # the library has no types
    """Says all that is wrong with a new password, in the reader's language."""

    def normalize(self, password: str) -> str:
        """Return the spelling that is hashed."""
        return passwords.normalise(password)

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        """Return the problems (None when there are none) and the password in the spelling that is hashed."""
        account = kwargs.get("user") or current_account()
        context = [account.name, account.email] if account else []
        found = passwords.check_password(password, context)
        return [say(problem) for problem in found] or None, passwords.normalise(password)
