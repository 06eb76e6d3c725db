"""How long a table may be: what a page reads itself, what it leaves to a job, and what is refused by whom."""

from __future__ import annotations

import gc
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

from portal.domain.cells import LARGEST_TEXT, MOST_ROWS_OF_A_TEXT, MOST_ROWS_OF_A_WORKBOOK
from portal.services import evidence
from portal.services.tables import files, reading, short
from portal.services.tables.reading import RefusedTable, opened
from portal.store.inspection.tables import inspect_csv
from portal.store.text_tables import TableLimits
from portal.web import limits
from portal.web.access import ACCESS
from tests.integration.test_tables_web import GOOD, UPLOAD, Scene, scene

__all__ = ["scene"]


def _workbook(rows: int) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Lines")
        sheet.write_row(0, 0, GOOD.splitlines()[0].split(","))
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, ("S1", "2025-01", "electricity", row, "kWh"))
    return out.getvalue()


def _text(rows: int) -> bytes:
    lines = [f"S1,2025-01,electricity,{row},kWh" for row in range(1, rows + 1)]
    return "\n".join([GOOD.splitlines()[0], *lines]).encode()


@pytest.mark.parametrize(("name", "made"), [("t.csv", _text), ("t.xlsx", _workbook)])
def test_table_that_is_too_long_for_a_page_is_left_to_a_job(scene: Scene, monkeypatch, name, made):
    monkeypatch.setattr(short, "OF_A_PAGE", TableLimits(rows=3))
    monkeypatch.setattr(files, "MOST_ROWS_AT_ONCE", 3)
    uploaded = scene.upload(made(4), name)
    assert scene.file().state == "reading"
    scene.work()
    preview = scene.settle(scene.browser.get(uploaded.location).location).location
    scene.work()
    assert scene.keep(preview).status_code == 303
    scene.work()
    assert [line.quantity for line in scene.lines()] == [1, 2, 3, 4]


@pytest.mark.parametrize(("name", "made"), [("t.csv", _text), ("t.xlsx", _workbook)])
def test_table_that_is_too_long_for_a_job_is_refused_with_the_limit(
    scene: Scene, monkeypatch, name, made
):
    monkeypatch.setattr(files, "MOST_BYTES_AT_ONCE", 10)
    for kind in ("OF_A_TEXT", "OF_A_WORKBOOK"):
        monkeypatch.setattr(reading, kind, TableLimits(rows=3))
    uploaded = scene.upload(made(4), name)
    scene.work()
    assert scene.file().state == "refused"
    assert "more than 3 rows" in scene.browser.get(uploaded.location).text


def test_limits_are_those_that_pages_and_papers_name(tmp_path: Path, monkeypatch):
    assert (reading.OF_A_TEXT.rows, reading.OF_A_WORKBOOK.rows) == (1_000_001, 200_001)
    assert (MOST_ROWS_OF_A_TEXT, MOST_ROWS_OF_A_WORKBOOK) == (1_000_000, 200_000)
    path = tmp_path / "t.csv"
    path.write_bytes(_text(5))
    with opened(path, path.name) as table:
        assert len(list(table.rows())) == 6
    with (
        pytest.raises(RefusedTable) as refused,
        opened(path, path.name, TableLimits(rows=5)) as table,
    ):
        list(table.rows())
    assert refused.value.is_too_long


def test_text_may_be_larger_than_a_workbook_at_this_door_alone(scene: Scene, monkeypatch):
    monkeypatch.setattr(evidence, "LARGEST_FILE", 1000)
    assert scene.upload(_text(100)).status_code == 303
    refused = scene.upload(_workbook(3), "t.xlsx")
    assert refused.status_code == 413
    larger = {endpoint for endpoint, access in ACCESS.items() if access.long_tables}
    assert larger == {"supplier.table_upload"}
    assert limits.LONG_TABLE > LARGEST_TEXT > limits.UPLOAD


def test_tables_that_wait_may_be_only_so_large_together(scene: Scene, monkeypatch):
    monkeypatch.setattr(files, "MOST_WAITING_BYTES", 5000)
    assert scene.upload(_text(200)).status_code == 303
    assert scene.upload(_text(201)).status_code == 409
    scene.browser.submit(f"{_address(scene)}/remove", {}, page=UPLOAD)
    assert scene.upload(_text(201)).status_code == 303


def _address(scene: Scene) -> str:
    return f"/supplier/inventories/2025/tables/{scene.file().uid}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_long_text_is_looked_into_piece_by_piece(encoding: str):
    """A character may lie across two pieces; a bad one in the last piece is found too."""
    line = "场所𠮷一,2025-03,外购电力,12.5,千瓦时\n"
    sound = ("x" + line * 60_000).encode(encoding)
    assert inspect_csv(sound).is_accepted
    bad = ("x" + line * 60_000 + "a\x00b").encode(encoding)
    with pytest.raises(Exception, match="not_text"):
        inspect_csv(bad)
    gc.collect()


def test_sound_text_with_a_replacement_character_is_no_damage():
    assert inspect_csv("a,b\n\ufffd,1\n".encode()).is_accepted
