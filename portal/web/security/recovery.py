"""Recovery codes: shown once, kept as hashes, good for one login each."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import current_app
from flask_security import MfRecoveryCodesUtil

from portal.services import accounts, second_factors
from portal.store.accounts import Account
from portal.web.requests import current_work

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else
GROUPS, GROUP = 3, 5
HOW_MANY = 10


class HashedRecoveryCodes(MfRecoveryCodesUtil):  # type: ignore[misc]  # the library has no types
    """The library would keep the codes readable and show them again; this one can't."""

    def create_recovery_codes(self, user: Account) -> list[str]:
        """Make new codes for the account, forget the old ones, and return them to be shown this once."""
        codes = [_new_code() for _ in range(HOW_MANY)]
        second_factors.set_recovery_codes(
            current_work(), user, [_digest(user, code) for code in codes]
        )
        return codes

    def get_recovery_codes(self, user: Account) -> list[str]:
        """Return nothing: what was shown once is not known here any more."""
        return []

    def check_recovery_code(self, user: Account, code: str) -> bool:
        """Tell whether the account has such a code left; nobody else can use it until this request is over."""
        accounts.lock(current_work(), user)
        return _digest(user, code) in (user.mf_recovery_codes or [])

    def delete_recovery_code(self, user: Account, code: str) -> bool:
        """Use the code up."""
        second_factors.use_recovery_code(current_work(), user, _digest(user, code))
        return True


def _new_code() -> str:
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
    return "-".join("".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP))


def _digest(user: Account, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    key = current_app.config["SECURITY_PASSWORD_SALT"].encode()
    return hmac.new(key, f"recovery:{user.uid}:{plain}".encode(), hashlib.sha256).hexdigest()
