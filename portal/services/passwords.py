"""How passwords are hashed; which ones are good enough is said by intake."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Collection

from argon2 import PasswordHasher, Type
from argon2.low_level import hash_secret_raw

from portal.calculation.problems import Problem
from portal.intake.passwords import read_password

# OWASP's least for argon2id; one lane, because cores are few.
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
CODE_SALT_BYTES, CODE_HASH_BYTES = 16, 32

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


def normalise(password: str) -> str:
    """The password in the one Unicode spelling that is hashed; blanks stay where they are."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str, salt: str) -> str:
    """An argon2id hash over an HMAC with the portal's salt, so that a stolen table alone can't be tried against."""
    return _hasher.hash(base64.b64encode(_keyed(normalise(password), salt)))


def hash_code(code: str, code_salt: bytes, salt: str) -> bytes:
    """The same for a recovery code, under a salt that is given: a code is found by its hash among ten."""
    return hash_secret_raw(
        _keyed(code, salt), code_salt, PASSES, MEMORY_KIB, LANES, CODE_HASH_BYTES, Type.ID
    )


def _keyed(text: str, salt: str) -> bytes:
    return hmac.new(salt.encode(), text.encode(), hashlib.sha512).digest()


def check_password(password: str, context: Collection[str] = ()) -> tuple[Problem, ...]:
    """What is wrong with a new password; `context` are words about the person, which don't make it stronger."""
    return read_password(password, context=context).problems
