"""Passwords: how they are hashed, and which ones are too easy to guess."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from argon2 import PasswordHasher, Type

from portal.calculation.problems import Problem, problem

LEAST = 12
MOST = 128
MOST_BYTES = 4096
LEAST_OWN = 5  # characters that must remain when everything that guessers try first is taken away
LEAST_DISTINCT = 3

MEMORY_KIB, PASSES, LANES = (
    19 * 1024,
    2,
    1,
)  # OWASP's least for argon2id; one lane, because cores are few

# What guessers try first, in the spelling that is left when digits stand for letters no more.
COMMON_WORDS = [
    "password",
    "passwort",
    "passwd",
    "pass",
    "letmein",
    "welcome",
    "iloveyou",
    "princess",
    "monkey",
    "dragon",
    "sunshine",
    "football",
    "baseball",
    "master",
    "shadow",
    "michael",
    "superman",
    "batman",
    "trustno",
    "login",
    "admin",
    "administrator",
    "root",
    "user",
    "guest",
    "test",
    "demo",
    "default",
    "changeme",
    "change",
    "secret",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "asdfgh",
    "zxcvbnm",
    "zxcvbn",
    "qazwsxedc",
    "qazwsx",
    "woaini",
    "wodemima",
    "mima",
    "nihao",
    "aini",
    "zhongguo",
    "china",
    "beijing",
    "shanghai",
    "summer",
    "winter",
    "spring",
    "autumn",
    "hello",
    "freedom",
    "whatever",
    "computer",
    "internet",
    "company",
    "supplier",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdef",
    "abcd",
]
CONTEXT_WORDS = [
    "zero",
    "carbon",
    "alliance",
    "portal",
    "emission",
    "emissions",
    "climate",
    "dairy",
    "milk",
    "netzero",
    "lingtan",
    "tanpaifang",
    "jianpai",
    "lianmeng",
]

_LOOKALIKES = {"o": "0", "i": "1!", "e": "3", "a": "4@", "s": "5$", "t": "7", "b": "8", "l": "1"}
_YEARS = re.compile(r"(?:19|20)\d\d(?:[01]\d)?(?:[0-3]\d)?")

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


def normalise(password: str) -> str:
    """The password in the one Unicode spelling that is hashed; blanks stay where they are."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str, salt: str) -> str:
    """An argon2id hash over an HMAC with the portal's salt, so that a stolen table alone can't be tried against."""
    keyed = hmac.new(salt.encode(), normalise(password).encode(), hashlib.sha512).digest()
    return _hasher.hash(base64.b64encode(keyed))


def check_password(
    password: str, context: Iterable[str] = (), field: str = "password"
) -> list[Problem]:
    """What is wrong with a new password; `context` are words that belong to the person (name, address, company)."""
    if len(password) > MOST or len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return [problem("password.too_long", field, most=MOST)]
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        return [problem("password.unseen_characters", field)]
    if len(password) < LEAST:
        return [problem("password.too_short", field, least=LEAST)]
    if len(_what_remains(password, context)) < LEAST_OWN:
        return [problem("password.too_common", field)]
    return []


def _what_remains(password: str, context: Iterable[str]) -> str:
    rest = unicodedata.normalize("NFKC", password).casefold()
    rest = _YEARS.sub("", _without_runs(rest))
    words = {
        word for text in context for word in re.split(r"\W+", text.casefold()) if len(word) > 2
    }
    for word in sorted(words | {*COMMON_WORDS, *CONTEXT_WORDS}, key=len, reverse=True):
        rest = re.sub(_in_any_spelling(word), "", rest)
    own = re.sub(r"[\W_]+", "", rest)
    return own if len(set(own)) >= LEAST_DISTINCT else ""


def _without_runs(text: str) -> str:
    """The text without stretches of three and more that count up, count down or repeat: 1234, cba, 000."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    in_run = [False] * len(text)
    for place, (step, following) in enumerate(pairwise(steps)):
        if step == following and step in (-1, 0, 1):
            in_run[place : place + 3] = [True] * 3
    return "".join(letter for letter, runs in zip(text, in_run, strict=True) if not runs)


def _in_any_spelling(word: str) -> str:
    return "".join(f"[{re.escape(_LOOKALIKES.get(letter, '') + letter)}]" for letter in word)
