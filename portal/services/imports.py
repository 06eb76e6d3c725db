"""Files that fill years: taking one in, keeping what it would change, and settling it once and for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update

from portal.calculation.problems import Problem, problem
from portal.domain.actors import AccountId, Actor, MemberId, Role
from portal.domain.inventories import EDITABLE
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.words import N_
from portal.services.evidence import FIELD, Inspected
from portal.services.line_reading import problem_json, problem_of
from portal.services.work import Work
from portal.store import throttle
from portal.store.accounts import Account
from portal.store.base import rows_changed
from portal.store.blobs import Blobs, Received
from portal.store.imports import WAITING, WITHOUT_CONTENTS, ImportFile
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.throttle import Limit

WORKBOOK, FREE = "workbook", "free"
READING, READY, APPLYING = "reading", "ready", "applying"
APPLIED, REFUSED, ABANDONED = "applied", "refused", "abandoned"
RUNNING = (READING, APPLYING)
MOST_AN_HOUR = 100
KEPT_WAITING = timedelta(days=7)
_LISTED = 10


def count_upload(work: Work, inventory: Inventory) -> tuple[Problem, ...]:
    """Refuse or count an upload, before anything is done with the file: one that is refused afterwards costs as much.

    The caller commits when there is no problem, and rolls back otherwise.
    """
    return count_file(work, editable_member(work, inventory), "import")


def count_file(work: Work, member: Member, kind: str) -> tuple[Problem, ...]:
    """The same for a file of a kind that fills no year; each kind is counted by itself."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(member.id))
    limit = Limit(f"{kind}:{member.uid}", MOST_AN_HOUR, timedelta(hours=1))
    if throttle.reserve(work.session, [limit], work.moment) is None:
        return ()
    return (problem("import.too_many_an_hour", FIELD, most=MOST_AN_HOUR),)


def begin(
    work: Work, blobs: Blobs, inventory: Inventory, file: Inspected, *, kind: str, locale: str
) -> tuple[ImportFile | None, tuple[Problem, ...]]:
    """Keep an inspected file until it is settled; the bytes are on the disk before the row is committed."""
    editable_member(work, inventory)
    if file.problems or file.received is None:
        return None, file.problems
    blobs.keep(file.received)
    return note_file(work, inventory, file.name, file.received, kind=kind, locale=locale), ()


def note_file(
    work: Work, inventory: Inventory, name: str, received: Received, *, kind: str, locale: str
) -> ImportFile:
    """Note a file whose bytes are kept by whoever calls, before this transaction is committed."""
    member = editable_member(work, inventory)
    row = ImportFile(
        uid=work.new_uid(),
        member_id=member.id,
        inventory_id=inventory.id,
        kind=kind,
        name=name,
        sha256=received.sha256,
        size=received.size,
        locale=locale,
        state=READING,
        counts={},
        uploaded_by=work.actor.account_id,
        uploaded_at=work.moment,
    )
    work.session.add(row)
    work.session.flush()
    work.record(
        "import.uploaded",
        subject_of(row),
        on_behalf_of=member.code,
        after=row.sha256,
        detail={"kind": row.kind, "year": inventory.year},
    )
    return row


def subject_of(row: ImportFile) -> str:
    """How the ledger names a file."""
    return f"import/{row.uid}"


def editable_member(work: Work, inventory: Inventory) -> Member:
    """Refuse before anything is kept: a year that is closed takes no file."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(inventory.member_id))
    if inventory.state not in EDITABLE:
        raise Conflict("inventory.state.moved_on", {"state": inventory.state})
    return work.session.get_one(Member, inventory.member_id)


def find_import(work: Work, inventory: Inventory, uid: UUID) -> ImportFile:
    """One of the year's own workbooks; any other file is answered like an unknown one: tables have pages of their own."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(inventory.member_id))
    return file_of_year(work, inventory, uid, WORKBOOK)


def file_of_year(work: Work, inventory: Inventory, uid: UUID, kind: str) -> ImportFile:
    """One of the year's files of a kind, for whoever has asked for permission; NotFound for any other."""
    row = work.session.scalars(files_of_year(inventory, kind).filter_by(uid=uid)).one_or_none()
    if row is None:
        raise NotFound()
    return row


def files_of_year(inventory: Inventory, kind: str) -> Select[ImportFile]:
    """The query for the year's files of a kind."""
    return select(ImportFile).where(
        ImportFile.inventory_id == inventory.id, ImportFile.kind == kind
    )


def imports_of(work: Work, inventory: Inventory) -> list[ImportFile]:
    """The year's latest workbooks."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    query = files_of_year(inventory, WORKBOOK).options(*WITHOUT_CONTENTS)
    return list(work.session.scalars(query.order_by(ImportFile.id.desc()).limit(_LISTED)))


def show(row: ImportFile, preview: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    """Keep what a file would change, for somebody to look at."""
    row.state, row.preview, row.counts = READY, dict(preview), dict(counts)


def choose(row: ImportFile, choices: Mapping[str, str]) -> None:
    """Keep what was chosen where both sides changed the same; a later choice takes the place of an earlier one."""
    row.choices = {**(row.choices or {}), **choices}


def hand_over(work: Work, row: ImportFile, choices: Mapping[str, str]) -> bool:
    """Leave a file that is shown to a job which applies it; False when somebody has applied it or let it go before."""
    return move(work, row, APPLYING, expected=(READY,), choices=dict(choices))


def move(
    work: Work, row: ImportFile, state: str, *, expected: Sequence[str], **kept: object
) -> bool:
    """Move a file on its way, or end it; False when somebody did before. The conditional UPDATE settles who was first.

    What was needed only on the way goes with the end.
    """
    if state not in WAITING:
        kept |= {"settled_at": work.moment, "settled_by": work.actor.account_id}
        kept |= {"mapping": None, "preview": None, "choices": None}
    work.session.flush()
    moved = rows_changed(
        work.session,
        update(ImportFile)
        .where(ImportFile.id == row.id, ImportFile.state.in_(expected))
        .values(state=state, **kept)
        .execution_options(synchronize_session=False),
    )
    work.session.refresh(row)
    return moved == 1


def record_end(work: Work, row: ImportFile, kind: str, detail: Mapping[str, object]) -> None:
    """Enter into the ledger what became of a file."""
    member = work.session.get_one(Member, row.member_id)
    work.record(kind, subject_of(row), on_behalf_of=member.code, before=row.sha256, detail=detail)


def refuse(work: Work, row: ImportFile, problems: Sequence[Problem]) -> bool:
    """End a file's way because it can't be read, and keep why; False for one that has ended before."""
    if not move(work, row, REFUSED, expected=WAITING):
        return False
    row.problems = [problem_json(each) for each in problems]
    record_end(work, row, "import.refused", {"codes": sorted({p.code for p in problems})})
    return True


def problems_of(row: ImportFile) -> list[Problem]:
    """Why a file was refused."""
    return [problem_of(plain) for plain in row.problems or ()]


def acting_for(work: Work, account_id: int) -> Work:
    """The same transaction on behalf of the person who asked for it, with the roles that they hold now."""
    account = work.session.get_one(Account, account_id)
    roles = frozenset(Role(role.name) for role in account.roles) if account.active else frozenset()
    member_id = None if account.member_id is None else MemberId(account.member_id)
    actor = Actor(AccountId(account.id), account.name, roles, member_id)
    return Work(work.session, actor, work.moment, str(account.uid), work.base_url)


def discard(work: Work, inventory: Inventory, row: ImportFile) -> bool:
    """Let a file go that nobody wants to apply; False for one that was applied, or is being applied, before."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(inventory.member_id))
    if move(work, row, ABANDONED, expected=(READING, READY)):
        record_end(work, row, "import.discarded", {})
    return row.state not in (APPLYING, APPLIED)


def abandon_old(work: Work) -> int:
    """End the files that nobody has come back to for a week; returns how many. Their bytes go with the next sweep."""
    found = work.session.scalars(
        select(ImportFile)
        .where(
            ImportFile.state.in_((READING, READY)),
            ImportFile.uploaded_at < work.moment - KEPT_WAITING,
        )
        .options(*WITHOUT_CONTENTS)
    )
    count = 0
    for row in list(found):
        if move(work, row, ABANDONED, expected=(READING, READY)):
            record_end(work, row, "import.abandoned", {})
            count += 1
    return count


MESSAGES = {
    "import.too_many_changes": N_(
        "The workbook changes more than can be shown at once. Fill in fewer rows or shorter texts at a time, and bring the rest in afterwards."
    ),
    "import.too_many_an_hour": N_(
        "Your company uploaded %(most)s files within an hour. Wait a while, then go on."
    ),
    "import.file_gone": N_("The file “%(name)s” is no longer here. Upload it again."),
    "import.failed": N_(
        "“%(name)s” could not be worked through. Upload it again; if it stays so, tell your coordinator."
    ),
    "import.year_closed": N_(
        "The year was submitted or decided before “%(name)s” was applied. Nothing of it was kept."
    ),
}
