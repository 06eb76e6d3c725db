"""E-mail addresses in the one form that they are kept and compared in."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

LONGEST = 254


class NotAnAddress(ValueError):  # noqa: N818 -- said to a person as a problem of the field, not a bug
    """The text is no single e-mail address."""


def normalise(text: str) -> str:
    """The address as it is kept: outer blanks gone, domain in ASCII (IDNA), all in small letters; NotAnAddress otherwise.

    Nobody is asked whether the address exists: a letter that comes back says so.
    """
    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from error
    address = comparable(f"{valid.local_part}@{valid.ascii_domain}")
    if len(address.encode()) > LONGEST:
        raise NotAnAddress("the address is too long")
    return address


def comparable(address: str) -> str:
    """An address in the form that the table keeps it in, without asking whether it is one."""
    return address.strip().lower()
