"""Years of the demo alliance, taken out as workbooks in both languages and brought back untouched: nothing differs.

A handful of members of different sectors on each run; the whole demo with PORTAL_TEST_WHOLE_DEMO=1 (`make roundtrip`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli.scenery.cast import LAST_YEAR, MemberSketch
from portal.cli.scenery.papers import Papers
from portal.cli.scenery.stage import Stage
from portal.cli.scenery.story import Ending, tell
from portal.documents.facts import Language
from portal.domain.actors import Role
from portal.intake.workbooks import Book
from portal.services import inventories, workbooks
from portal.services.work import Work
from portal.services.workbook_imports import read_workbook
from portal.services.workbook_merging import compare
from portal.store.accounts import Account
from portal.store.blobs import Blobs
from portal.store.inventories import Inventory
from portal.store.members import Member
from tests.factories.suppliers import work_of

IS_WHOLE = bool(os.environ.get("PORTAL_TEST_WHOLE_DEMO"))
# How each of the few has come on in the last year; each is of another sector.
FEW = ("draft", "returned", "submitted", "approved", "none")


class _Few:
    """Takes the first member that comes to each ending and is of a sector that nobody of them is."""

    def __init__(self) -> None:
        self._endings = set(FEW)
        self._sectors: set[str] = set()

    def __call__(self, sketch: MemberSketch, ending: Ending) -> bool:
        if IS_WHOLE:
            return True
        has_few_years = sketch.first_year >= LAST_YEAR - 3
        is_wanted = ending.state in self._endings and sketch.sector not in self._sectors
        if not (has_few_years and is_wanted):
            return False
        self._endings.discard(ending.state)
        self._sectors.add(sketch.sector)
        return True


@pytest.fixture
def members(session: Session, tmp_path: Path) -> list[Member]:
    """The members of the demo, with all that happened to them."""
    with Papers(Blobs(tmp_path / "blobs")) as papers:
        stage = Stage(session, "", "https://portal.example")
        tell(stage, papers, lambda _done, _of: None, _Few())
    return list(session.scalars(select(Member).order_by(Member.code)))


def _reporter(session: Session, member: Member) -> Work | None:
    accounts = session.scalars(select(Account).where(Account.member_id == member.id))
    found = [each for each in accounts if Role.REPORTER in {role.name for role in each.roles}]
    return work_of(session, found[0]) if found else None


def _years(work: Work, member: Member) -> list[Inventory]:
    """A member's years, the last of them begun by now: its workbook offers what the year before had."""
    query = select(Inventory).where(Inventory.member_id == member.id)
    years = list(work.session.scalars(query.order_by(Inventory.year)))
    if LAST_YEAR not in {each.year for each in years}:
        years.append(inventories.open_inventory(work, member, LAST_YEAR))
    return years if IS_WHOLE else years[-1:]


def _differences(
    work: Work, inventory: Inventory, language: Language, folder: Path
) -> Iterator[str]:
    """What a workbook changes that nobody has touched, and what is wrong with it."""
    path = folder / "book.xlsx"
    path.write_bytes(workbooks.workbook_bytes(work, inventory, language, with_lines=True))
    book = read_workbook(path, path.name)
    if not isinstance(book, Book):
        yield str(book)
        return
    yield from map(str, book.problems)
    comparison = compare(work, inventory, book, locale=language.value)
    for merge in comparison.merges.values():
        yield from map(str, merge.rows)
    stand = len(comparison.lines) + len(comparison.outputs)
    offered = len(book.offered)
    if comparison.counts["unchanged"] != stand or not stand + offered:
        yield f"{comparison.counts} of {stand} rows, {offered} offered"


def test_every_year_of_the_demo_comes_back_from_its_workbook_without_a_difference(
    session: Session, members: list[Member], tmp_path: Path
) -> None:
    found, count = [], 0
    for member in members:
        work = _reporter(session, member)
        for inventory in _years(work, member) if work else ():
            for language in Language:
                count += 1
                told = list(_differences(work, inventory, language, tmp_path))
                found += [f"{member.code} {inventory.year} {language}: {each}" for each in told]
    if IS_WHOLE:
        sys.stdout.write(f"{count} workbooks of {len(members)} members\n")
    assert found == []
    assert count >= 2 * len(FEW)
