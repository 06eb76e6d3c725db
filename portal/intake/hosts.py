"""Host names of mail and web addresses: real, public names in their ASCII form; no numbers, no local names."""

from __future__ import annotations

import re

import idna

from portal.intake.characters import words

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
# What a WHATWG parser would read as an IPv4 address: the last label is a number, decimal, octal or hexadecimal.
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)

# Names that never leave a machine or a house network, and those reserved for examples of failure (RFC 2606, 6761, 6762).
_LOCAL = frozenset(
    words("localhost local internal intranet lan home corp invalid test onion localdomain arpa")
)


def public_host(host: str) -> str | None:
    """The host's ASCII form in lower case, or None when it is no public name with at least two labels."""
    if not host or len(host) > 253 or host.endswith("."):
        return None
    try:
        ascii_host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None
    labels = ascii_host.split(".")
    if len(labels) < 2 or len(labels[-1]) < 2 or _NUMERIC.fullmatch(labels[-1]):
        return None
    if len(ascii_host) > 253 or not all(
        len(label) <= 63 and _LABEL.fullmatch(label) for label in labels
    ):
        return None
    return ascii_host


def is_local(ascii_host: str) -> bool:
    """Whether the name belongs to a machine or a house network, so that a link to it means nothing outside."""
    return ascii_host.rpartition(".")[2] in _LOCAL
