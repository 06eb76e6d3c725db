"""Somebody's table on its way into a year: taken in, looked through, settled, checked, kept or given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from portal.calculation.problems import Problem, problem
from portal.domain.actors import MemberId
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict
from portal.intake.tables.mapping import TableMapping, shape_of_titles
from portal.services import imports
from portal.services.evidence import FIELD
from portal.services.imports import ABANDONED, APPLIED, APPLYING, FREE, READING, READY, REFUSED
from portal.services.line_reading import Desk, desk_of, problem_json
from portal.services.tables.checks import TableFile
from portal.services.tables.judging import Judgement, judgement_json, mark_of
from portal.services.tables.keeping import Source, keep_lines
from portal.services.tables.surveys import Survey
from portal.services.work import Work
from portal.store import import_mappings, jobs, throttle
from portal.store.blobs import Received
from portal.store.imports import WAITING, WITHOUT_CONTENTS, ImportFile
from portal.store.inventories import Inventory
from portal.store.line_spool import LineSpool
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.throttle import Limit

LOOK_THROUGH, CHECK, KEEP = "look_through_table", "check_table", "keep_table"
# Beyond this a job does it, and a page shows how far it is.
MOST_BYTES_AT_ONCE = 1024 * 1024
MOST_ROWS_AT_ONCE = 2000
MOST_WAITING, MOST_WAITING_BYTES = 20, 256 * 1024 * 1024
# A table of a million rows takes minutes each time it is worked through, and it may be as often as somebody likes.
MOST_PASSES_AN_HOUR = 60


def take_in(
    work: Work, inventory: Inventory, name: str, received: Received, locale: str
) -> ImportFile:
    """Note a received file; its bytes are kept by whoever calls, before this transaction is committed."""
    imports.editable_member(work, inventory)
    count, size = _waiting(work, inventory)
    if count >= MOST_WAITING or (count and size + received.size > MOST_WAITING_BYTES):
        raise Conflict("table.too_many_waiting")
    return imports.note_file(work, inventory, name, received, kind=FREE, locale=locale)


def _waiting(work: Work, inventory: Inventory) -> tuple[int, int]:
    """How many tables of the year wait, and how many bytes they are together."""
    query = select(func.count(), func.coalesce(func.sum(ImportFile.size), 0)).where(
        ImportFile.inventory_id == inventory.id,
        ImportFile.kind == FREE,
        ImportFile.state.in_(WAITING),
    )
    count, size = work.session.execute(query).one()
    return count, int(size)


def find_file(work: Work, inventory: Inventory, uid: UUID) -> ImportFile:
    """One of the year's own tables; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    return imports.file_of_year(work, inventory, uid, FREE)


def waiting_files(work: Work, inventory: Inventory) -> list[ImportFile]:
    """The year's tables that are not settled yet, latest first."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(inventory.member_id))
    query = imports.files_of_year(inventory, FREE).where(ImportFile.state.in_(WAITING))
    return list(
        work.session.scalars(query.options(*WITHOUT_CONTENTS).order_by(ImportFile.id.desc()))
    )


def known_mappings(work: Work, member: Member) -> dict[str, TableMapping]:
    """What the member said of its earlier tables, by the shape of their titles."""
    work.demand(Permission.MEMBER_INVENTORY_READ, MemberId(member.id))
    found = import_mappings.all_of(work.session, member.id)
    return {shape: TableMapping.from_json(mapping) for shape, mapping in found}


def desk_for_file(work: Work, inventory: Inventory) -> Desk:
    """What the file's lines are read against."""
    return desk_of(work, inventory, locale="en")


def desk_for_check(work: Work, inventory: Inventory) -> Desk:
    """The same, with the places where the year has lines already, which whoever looks at the preview is told of."""
    desk = desk_for_file(work, inventory)
    places = (
        select(
            ActivityLine.category,
            ActivityLine.site_id,
            ActivityLine.start_on,
            ActivityLine.end_on,
        )
        .where(ActivityLine.inventory_id == inventory.id, ActivityLine.is_complete.is_(True))
        .distinct()
    )
    return replace(desk, there=frozenset(tuple(row) for row in work.session.execute(places)))


def note_survey(work: Work, file: ImportFile, mapping: TableMapping, found: Survey) -> None:
    """Keep what the table looks like, for the page that asks what its columns are."""
    _move(work, file, READING, READY)
    file.mapping = mapping.to_json()
    file.preview = {"survey": found.to_json()}
    file.counts = {"rows": found.rows}


def settle_columns(work: Work, file: ImportFile, mapping: TableMapping, found: Survey) -> None:
    """Keep what somebody said of the columns and texts; what an earlier check came to no longer holds."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(file.member_id))
    _move(work, file, READY, READY)
    file.mapping = mapping.to_json()
    file.preview = {"survey": found.to_json()}


def begin_check(work: Work, file: ImportFile) -> None:
    """Have the table checked by a job."""
    _count_pass(work, file)
    _move(work, file, READY, READING)
    _queue(work, file, CHECK)


def begin_survey(work: Work, file: ImportFile) -> None:
    """Have the table looked through by a job."""
    _queue(work, file, LOOK_THROUGH)


def begin_look_again(work: Work, file: ImportFile, sheet: str, titles_in: int) -> None:
    """Have another sheet looked through by a job, or the same with its titles in another row."""
    _count_pass(work, file)
    known = (file.preview or {})["survey"]["sheets"]
    _move(work, file, READY, READING)
    _queue(work, file, LOOK_THROUGH, sheet=sheet if sheet in known else "", titles_in=titles_in)


def begin_resettle(work: Work, file: ImportFile, mapping: TableMapping) -> None:
    """Keep what somebody said of the columns, and have the table looked through by a job under that."""
    _count_pass(work, file)
    _move(work, file, READY, READING)
    file.mapping = mapping.to_json()
    _queue(work, file, LOOK_THROUGH, is_settled=True)


def begin_keeping(work: Work, file: ImportFile) -> None:
    """Have the lines kept by a job, for whoever asks for it; only a sound table that was shown can be."""
    _count_pass(work, file)
    _move(work, file, READY, APPLYING)
    # Asked once nobody else can settle the table any more.
    if not is_sound(file):
        raise Conflict("table.not_sound")
    _queue(work, file, KEEP)


def begin_short_keeping(work: Work, file: ImportFile, judged: TableFile) -> None:
    """Take a sound table for this transaction, which keeps its lines as they were judged.

    A colleague may have settled its columns otherwise since then, while no transaction was open.
    """
    _move(work, file, READY, APPLYING)
    if not is_sound(file) or table_of(file, judged.path) != judged:
        raise Conflict("table.moved_on")


def note_check(
    work: Work, file: ImportFile, desk: Desk, judgement: Judgement, left_out: int
) -> None:
    """Keep what the check came to, for the preview; from `ready` or from a job's `reading`."""
    _move(work, file, file.state, READY)
    preview = dict(file.preview or {})
    preview["check"] = judgement_json(judgement, mark_of(desk), left_out)
    file.preview = preview
    file.counts = {
        "rows": (file.counts or {}).get("rows", judgement.lines),
        "lines": judgement.lines,
        "bad_rows": judgement.bad_count,
    }


def note_refused(work: Work, file: ImportFile, found: Problem) -> None:
    """End with a file that can't be read."""
    _move(work, file, file.state, REFUSED)
    file.problems = [problem_json(found)]
    imports.record_end(work, file, "import.refused", {"codes": [found.code]})


def note_kept(work: Work, file: ImportFile) -> None:
    """End with the lines kept, and remember for the next time what this table's columns mean."""
    mapping = TableMapping.from_json(file.mapping or {})
    shape = shape_of_titles(mapping.titles)
    import_mappings.keep(work.session, file.member_id, shape, mapping.to_json(), moment=work.moment)
    _move(work, file, file.state, APPLIED)


def keep(work: Work, file: ImportFile, spool: LineSpool, judgement: Judgement) -> int:
    """Keep the spooled lines for whoever acts; says the position of the first."""
    inventory = work.session.get_one(Inventory, file.inventory_id)
    check = (file.preview or {})["check"]
    source = Source(file.sha256, check["mark"], work.actor.account_id)
    first = keep_lines(work, inventory, spool, judgement, source)
    note_kept(work, file)
    return first


def table_of(file: ImportFile, path: Path) -> TableFile:
    """The file as it is read: its bytes at `path`, its sheet, and what was settled about it."""
    survey = (file.preview or {})["survey"]
    mapping = TableMapping.from_json(file.mapping or {})
    return TableFile(path, file.name, survey["sheet"], mapping)


def back_to_columns(work: Work, file: ImportFile, code: str) -> None:
    """Ask again what the table means, saying why nothing was kept: the code is one of `intake.tables.messages`."""
    _move(work, file, file.state, READY)
    survey = dict((file.preview or {})["survey"])
    survey["problems"] = [*survey["problems"], problem_json(problem(code, "header"))]
    file.preview = {"survey": survey}


def job_gave_up(work: Work, file: ImportFile) -> bool:
    """Let people go on where a job gave up: with the columns, or with another file where it was never looked through.

    False for a file that nobody waits for any more.
    """
    if file.state not in imports.RUNNING:
        return False
    if "survey" in (file.preview or {}):
        back_to_columns(work, file, "table.work.gave_up")
    else:
        note_refused(work, file, problem("table.file.not_read", FIELD))
    return True


def give_up(work: Work, file: ImportFile) -> None:
    """End without keeping anything; lines that are being kept already can't be stopped."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(file.member_id))
    if file.state == APPLYING:
        raise Conflict("table.moved_on")
    _move(work, file, file.state, ABANDONED)
    imports.record_end(work, file, "import.discarded", {})


def _move(work: Work, file: ImportFile, before: str, after: str) -> None:
    """Of two who move a table, one does; the other is told that it has moved on."""
    if before not in WAITING or not imports.move(work, file, after, expected=(before,)):
        raise Conflict("table.moved_on")


def _count_pass(work: Work, file: ImportFile) -> None:
    """Count one more pass of a job through a file of the member, or refuse it."""
    work.demand(Permission.MEMBER_INVENTORY_EDIT, MemberId(file.member_id))
    limit = Limit(f"passes:{file.member_id}", MOST_PASSES_AN_HOUR, timedelta(hours=1))
    if throttle.reserve(work.session, [limit], work.moment) is not None:
        raise Conflict("table.too_many_passes", {"most": MOST_PASSES_AN_HOUR})


def _queue(work: Work, file: ImportFile, kind: str, **arguments: object) -> None:
    """Queue a pass behind everything short, and behind the passes of members who have fewer of them in hand."""
    in_hand = select(func.count()).where(
        ImportFile.member_id == file.member_id,
        ImportFile.kind == FREE,
        ImportFile.state.in_(imports.RUNNING),
    )
    jobs.add(
        work.session,
        kind,
        {"file_id": file.id, "account_id": work.actor.account_id, **arguments},
        moment=work.moment,
        unique_key=f"{kind}:{file.uid}",
        priority=-work.session.scalars(in_hand).one(),
        max_attempts=3,
    )


def job_of(work: Work, file: ImportFile) -> jobs.Job | None:
    """The latest job that works on the file."""
    keys = [f"{kind}:{file.uid}" for kind in (LOOK_THROUGH, CHECK, KEEP)]
    query = select(jobs.Job).where(jobs.Job.unique_key.in_(keys)).order_by(jobs.Job.id.desc())
    return work.session.scalars(query.limit(1)).one_or_none()


def is_sound(file: ImportFile) -> bool:
    """Whether the table was checked and every row counts."""
    check = (file.preview or {}).get("check")
    return check is not None and check["lines"] > 0 and not check["bad_count"]


def is_small(file: ImportFile) -> bool:
    """Whether a page may do it itself."""
    rows = (file.counts or {}).get("rows", 0)
    return file.size <= MOST_BYTES_AT_ONCE and rows <= MOST_ROWS_AT_ONCE
