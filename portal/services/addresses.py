"""E-mail addresses in the one form that they are compared in."""

from __future__ import annotations

from portal.calculation.problems import Problem
from portal.intake.emails import read_email


class NotAnAddress(ValueError):
    """The text is no single e-mail address; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def normalise(text: object) -> str:
    """The address as intake reads it, in the form that it is kept in; NotAnAddress otherwise."""
    read = read_email(text)
    if read.value is None:
        raise NotAnAddress(read.problems[0])
    return comparable(read.value)


def comparable(address: str) -> str:
    """An address in the form that the table keeps it in: capitals make no difference to any mail server in use."""
    return address.strip().lower()
