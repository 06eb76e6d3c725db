"""Reads one mail address of the ordinary form; its domain is kept in ASCII, its local part as typed."""

from __future__ import annotations

import re
import unicodedata

from portal.intake.characters import forbidden, trim
from portal.intake.hosts import public_host
from portal.intake.reading import Read, accepted, failed, shown

# RFC 5321: 64 octets before the at sign, 254 in all.
LONGEST, LONGEST_LOCAL = 254, 64
MOST_RAW = 1000

_ATOM_SIGNS = "!#$%&'*+/=?^_`{|}~-"
_ASCII_ATOM = re.compile(rf"[A-Za-z0-9{re.escape(_ATOM_SIGNS)}]+", re.ASCII)


def read_email(raw: object, *, field: str = "email", is_required: bool = True) -> Read[str]:
    """Read one address; quoted local parts, comments, names before it and several addresses are refused."""
    if raw is None or (isinstance(raw, str) and not trim(raw[:MOST_RAW])):
        return failed("email.missing", field) if is_required else Read()
    if not isinstance(raw, str):
        return failed("email.not_an_address", field, given=shown(raw))
    typed = unicodedata.normalize("NFC", trim(raw[:MOST_RAW]))
    if len(raw) > MOST_RAW or len(typed) > LONGEST:
        return failed("email.too_long", field, longest=LONGEST)
    if forbidden(typed) is not None:
        return failed("email.not_an_address", field, given=shown(raw))
    return _split(typed, raw, field)


def _split(typed: str, raw: str, field: str) -> Read[str]:
    if typed.count("@") > 1 and any(each in typed for each in ",;， ；、"):
        return failed("email.several", field)
    local, at, host = typed.rpartition("@")
    if not at or not _is_local_part(local):
        return failed("email.not_an_address", field, given=shown(raw))
    domain = public_host(host)
    if domain is None:
        return failed("email.domain", field, given=shown(host))
    address = f"{local}@{domain}"
    if len(address.encode()) > LONGEST:
        return failed("email.too_long", field, longest=LONGEST)
    return accepted(address, field, typed=raw, read=address)


def _is_local_part(local: str) -> bool:
    """A dot-atom of RFC 5322, with the letters and digits of any script that RFC 6532 adds."""
    if not local or len(local.encode()) > LONGEST_LOCAL:
        return False
    return all(_is_atom(each) for each in local.split("."))


def _is_atom(atom: str) -> bool:
    if not atom:
        return False
    plain = "".join(each for each in atom if each.isascii())
    letters = all(unicodedata.category(each)[0] in "LMN" for each in atom if not each.isascii())
    wide = any("\uff00" <= each <= "\uffef" for each in atom)
    return letters and not wide and (not plain or _ASCII_ATOM.fullmatch(plain) is not None)
