"""Warnings of a year: found by the rules whenever somebody looks, with the reasons that the supplier gave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.calculation.problems import Severity
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.domain.standing import State
from portal.domain.warnings import (
    RaisedWarning,
    Weight,
    find_warnings,
    same_sight,
    sight,
    subject_of,
    what_stays,
)
from portal.services.inventories import begin_edit, mark_not_applicable
from portal.services.line_reading import problem_of
from portal.services.warning_evidence import Known, evidence_of
from portal.services.work import Work
from portal.store.inventories import Acknowledgement, Inventory
from portal.store.members import Member
from portal.store.standing_warnings import StandingWarning

# A remark that a rule of the year makes too, in more helpful words.
_SAID_BY_A_RULE = frozenset({"period.across_years"})


@dataclass(frozen=True, slots=True)
class Noticed:
    """A warning that stands, with the supplier's reason; empty while none was given."""

    warning: RaisedWarning
    reason: str
    # What was seen when the reason was given.
    given_for: str = ""


def noticed(work: Work, inventory: Inventory, known: Known | None = None) -> list[Noticed]:
    """Every warning of the year, heaviest first, in a fixed number of statements."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    session = work.session
    seen, rows = evidence_of(session, inventory, known, work.today)
    found = [*find_warnings(seen), *(flag for row in rows for flag in flags(row))]
    given = reasons(session, inventory.id)
    return [with_reason(warning, given) for warning in sorted(found, key=lambda w: -w.weight)]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one warning may stand."""

    code: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was noticed about a year, and the version of the year that it was noticed in."""

    found: Sequence[Noticed]
    version: int


def explain(work: Work, inventory: Inventory, code: str, address: str, reason: str) -> None:
    """Keep why one warning may stand."""
    explain_all(work, inventory, [Explanation(code, address, reason)])


def explain_all(
    work: Work,
    inventory: Inventory,
    given: Sequence[Explanation],
    seen: Seen | None = None,
) -> int:
    """Keep why warnings may stand; each must be one that stands now. Returns how many reasons are new or changed.

    `seen` is what was noticed beforehand; it counts only if the year is still as it was then.
    The reason for a category that is missed says that it does not apply, so it is kept as that.
    """
    if not given:
        return 0
    begin_edit(work, inventory)
    # Taking the year has counted its version up by one.
    is_fresh = seen is not None and inventory.version == seen.version + 1
    found = seen.found if seen is not None and is_fresh else noticed(work, inventory)
    now: dict[tuple[str, str], list[Noticed]] = defaultdict(list)
    for noted in found:
        now[noted.warning.code, what_stays(noted.warning.address)].append(noted)
    kept = []
    count = 0
    for each in given:
        stands = _standing_now(now[each.code, what_stays(each.address)], each)
        explained = replace(each, address=stands.warning.address)
        if each.reason == stands.reason:
            kept.append(replace(each, address=stands.given_for))
            continue
        about = subject_of(stands.warning.subject)
        if about.kind == "category":
            mark_not_applicable(work, inventory, about.key, each.reason)
        else:
            _keep(work, inventory, explained)
        kept.append(explained)
        count += 1
    _note_explained(work, inventory, kept)
    return count


def _standing_now(alike: Iterable[Noticed], given: Explanation) -> Noticed:
    """The warning that a reason is for, as it stands now: a figure that moved meanwhile is no other thing."""
    for each in alike:
        if same_sight(given.address, each.warning.address):
            return each
    raise NotFound()


def _note_explained(work: Work, inventory: Inventory, given: Sequence[Explanation]) -> None:
    """Let the standing warnings of a year say in the same transaction what was explained on the year's own page."""
    addresses = {(each.code, what_stays(each.address)): each.address for each in given}
    query = select(StandingWarning).where(
        StandingWarning.member_id == inventory.member_id,
        StandingWarning.year == inventory.year,
        StandingWarning.state == State.OPEN.value,
        StandingWarning.code.in_({each.code for each in given}),
    )
    for row in work.session.scalars(query).all():
        address = addresses.get((row.code, what_stays(row.address)))
        if address is not None:
            row.state, row.settled_at = State.EXPLAINED.value, work.moment
            row.address, row.reason = address, ""
    work.session.flush()


def _keep(work: Work, inventory: Inventory, given: Explanation) -> None:
    row = work.session.scalars(
        select(Acknowledgement).where(
            Acknowledgement.inventory_id == inventory.id,
            Acknowledgement.code == given.code,
            Acknowledgement.subject == given.address,
        )
    ).one_or_none()
    before = "" if row is None else digest(row.reason)
    if row is None:
        row = Acknowledgement(inventory_id=inventory.id, code=given.code, subject=given.address)
        work.session.add(row)
    row.reason, row.account_id, row.at = given.reason, work.actor.account_id, work.moment
    work.session.flush()
    work.record(
        "warning.explained",
        f"inventory/{inventory.uid}",
        on_behalf_of=work.session.get_one(Member, inventory.member_id).code,
        before=before,
        after=digest(given.reason),
        detail={"code": given.code, "about": given.address},
    )


_REASONS = (
    select(Acknowledgement.code, Acknowledgement.subject, Acknowledgement.reason)
    .where(Acknowledgement.inventory_id == bindparam("inventory"))
    .order_by(Acknowledgement.at.desc(), Acknowledgement.id.desc())
)
# By code and what stays: what was seen when a reason was given, and the reason, the newest first.
Reasons = Mapping[tuple[str, str], Sequence[tuple[str, str]]]


def reasons(session: Session, inventory_id: int) -> Reasons:
    """The reasons given so far, by code and what stays of the address."""
    rows = session.connection().execute(_REASONS, {"inventory": inventory_id})
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for code, address, reason in rows:
        found.setdefault((code, what_stays(address)), []).append((address, reason))
    return found


def with_reason(warning: RaisedWarning, known: Reasons) -> Noticed:
    """The warning with the newest reason that was given for what it sees, or for what was not much less."""
    for address, reason in known.get((warning.code, what_stays(warning.address)), ()):
        if same_sight(address, warning.address):
            return Noticed(warning, reason, address)
    return Noticed(warning, "")


def flags(row: Any) -> Iterator[RaisedWarning]:
    """What the readers remarked about one line: an unusually large number, a period that still runs."""
    for plain in row.problems or ():
        found = problem_of(plain)
        if found.severity is Severity.WARNING and found.code not in _SAID_BY_A_RULE:
            seen = sight(repr(found.values))
            subject = f"line/{row.key}"
            yield RaisedWarning(
                found.code, subject, Weight.CHECK, found.values, (str(row.key),), seen
            )


def unexplained(found: Iterable[Noticed]) -> list[Noticed]:
    """The warnings that still need a reason."""
    return [each for each in found if not each.reason]
