"""Lays the paths of all members anew that a trial of a factor edition has restated, some members at a time."""

from __future__ import annotations

from portal.domain.words import N_
from portal.jobs.held import HeldJob
from portal.services import paths, trial_decisions

MEMBERS_AT_ONCE = 20


def lay_paths(held: HeldJob) -> None:
    """Each member's path, and at the end once what every unit's members come to together."""
    with held.reading() as work:
        members = trial_decisions.restated_members(work.session, held.arguments["trial_id"])
    for first in range(0, len(members), MEMBERS_AT_ONCE):
        held.show(100 * first // len(members), N_("Laying the paths anew"))
        with held.writing() as work:
            paths.replace_member_paths(work.session, members[first : first + MEMBERS_AT_ONCE])
    with held.finishing() as work:
        paths.replace_all_units(work.session)
