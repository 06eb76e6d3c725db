"""How passwords are hashed; which ones are good enough is said by intake."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Collection

from argon2 import PasswordHasher, Type

from portal.calculation.problems import Problem
from portal.intake.passwords import read_password

# OWASP's least for argon2id; one lane, because cores are few.
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


def normalise(password: str) -> str:
    """The password in the one Unicode spelling that is hashed; blanks stay where they are."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str, salt: str) -> str:
    """An argon2id hash over an HMAC with the portal's salt, so that a stolen table alone can't be tried against."""
    keyed = hmac.new(salt.encode(), normalise(password).encode(), hashlib.sha512).digest()
    return _hasher.hash(base64.b64encode(keyed))


def check_password(password: str, context: Collection[str] = ()) -> tuple[Problem, ...]:
    """What is wrong with a new password; `context` are words about the person, which don't make it stronger."""
    return read_password(password, context=context).problems
