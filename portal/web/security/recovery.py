"""Recovery codes: shown once, kept as hashes, good for one login each."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import current_app
from flask_security import MfRecoveryCodesUtil

from portal.services import accounts, passwords, second_factors
from portal.store.accounts import Account
from portal.web.requests import current_work

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads like something else
GROUPS, GROUP = 3, 5
HOW_MANY = 10
SALT_END = "$"


class HashedRecoveryCodes(MfRecoveryCodesUtil):  # type: ignore[misc]  # the library has no types
    """The library would keep the codes readable and show them again; this one can't."""

    def create_recovery_codes(self, user: Account) -> list[str]:
        """Make new codes for the account, forget the old ones, and return them to be shown this once."""
        codes = [_new_code() for _ in range(HOW_MANY)]
        salt = current_work().random_bytes(passwords.CODE_SALT_BYTES)
        second_factors.set_recovery_codes(
            current_work(), user, [_digest(user, code, salt) for code in codes]
        )
        return codes

    def get_recovery_codes(self, user: Account) -> list[str]:
        """Return nothing: what was shown once is not known here any more."""
        return []

    def check_recovery_code(self, user: Account, code: str) -> bool:
        """Tell whether the account has such a code left; nobody else can use it until this request is over."""
        accounts.lock(current_work(), user)
        return _kept(user, code) is not None

    def delete_recovery_code(self, user: Account, code: str) -> bool:
        """Use the code up."""
        digest = _kept(user, code)
        if digest is not None:
            second_factors.use_recovery_code(current_work(), user, digest)
        return digest is not None


def _new_code() -> str:
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
    return "-".join("".join(letters[at : at + GROUP]) for at in range(0, len(letters), GROUP))


def _kept(user: Account, code: str) -> str | None:
    """The hash under which the account keeps this code, None when it has no such code."""
    left: list[str] = user.mf_recovery_codes or []
    if not left:
        return None
    if SALT_END not in left[0]:
        digest = _earlier_digest(user, code)
    else:
        # All codes of an account were made at once, under one salt: a try costs one hash, however many are left.
        digest = _digest(user, code, bytes.fromhex(left[0].partition(SALT_END)[0]))
    return digest if digest in left else None


def _digest(user: Account, code: str, salt: bytes) -> str:
    hashed = passwords.hash_code(_meant(user, code), salt, _portal_salt())
    return f"{salt.hex()}{SALT_END}{hashed.hex()}"


def _earlier_digest(user: Account, code: str) -> str:
    """How codes were kept before they got a slow hash: they open until their owner makes new ones."""
    key = _portal_salt().encode()
    return hmac.new(key, _meant(user, code).encode(), hashlib.sha256).hexdigest()


def _meant(user: Account, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return f"recovery:{user.uid}:{plain}"


def _portal_salt() -> str:
    return str(current_app.config["SECURITY_PASSWORD_SALT"])
