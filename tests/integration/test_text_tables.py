"""Text files as offices write them: encodings, separators, quotes; what can't be read is refused with its reason."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from portal.store.text_tables import TableLimits, UnreadableTable, form_of, read_rows

LIMITS = TableLimits(rows=1000)
TABLE = "场所,期间,数量\n一号工厂,2025-01,12\n"


def _rows(content: bytes, limits: TableLimits = LIMITS) -> list[tuple[int, list[str]]]:
    file = io.BytesIO(content)
    return list(read_rows(file, form_of(file, limits), limits))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])  # fmt: skip
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_told_apart(encoding, separator):
    text = TABLE.replace(",", separator) + "site 2" + separator + "2025-02" + separator + "7\n"
    assert _rows((text * (1 if encoding != "utf-16-le" else 3)).encode(encoding))[1] == (
        2,
        ["一号工厂", "2025-01", "12"],
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_machines_are_read(end):
    assert [cells for _, cells in _rows(f"a,b{end}1,2{end}".encode())] == [["a", "b"], ["1", "2"]]


def test_blank_rows_count_and_a_line_that_names_the_separator_does_not():
    assert _rows(b"sep=;\r\na;b\r\n\r\n1;2\r\n") == [(1, ["a", "b"]), (2, []), (3, ["1", "2"])]


def test_quoted_cell_may_hold_separators_and_line_breaks():
    assert _rows(b'a,b\n"1,234.5","x\ny"\n3,4\n') == [
        (1, ["a", "b"]),
        (2, ["1,234.5", "x\ny"]),
        (3, ["3", "4"]),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table.file.empty"),
        (b" \r\n\t", "table.file.empty"),
        (b'a,b\n"1,2\n3,4\n', "table.file.quotes"),
        (b"a,b\n1\x00,2\n", "table.file.not_text"),
        (b"a,b\n1\x1b,2\n", "table.file.not_text"),
        ("名称,数量\n一号工厂,1\n".encode()[:-5] + b"\xe5h\n", "table.file.not_text"),
        (b"a,b\nkW\xe5h,1\n", "table.file.not_text"),
        (b"  <!DOCTYPE html><table>", "table.file.web_page"),
        (b"a\n" * 1001, "table.file.too_many_rows"),
        (b"," * 200 + b"\n", "table.file.too_many_columns"),
        (
            b"a,b\n" + b"x" * 100_000 + b"," + b"y" * 100_000 + b"," + b"z" * 62_136,
            "table.file.long_line",
        ),
    ],
)
def test_what_is_no_table_is_refused(content, code):
    with pytest.raises(UnreadableTable) as refused:
        _rows(content)
    assert refused.value.code == code


def test_file_beyond_the_limit_is_refused_before_it_is_read():
    with pytest.raises(UnreadableTable) as refused:
        _rows(b"a,b\n" * 100, TableLimits(rows=1000, bytes=100))
    assert refused.value.code == "table.file.too_large"


def test_long_file_is_read_in_little_memory():
    file = io.BytesIO(b"S1,2025-01,electricity,1234.5,kWh\n" * 200_000)
    limits = TableLimits(rows=10**6)
    tracemalloc.start()
    count = sum(1 for _row in read_rows(file, form_of(file, limits), limits))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 4 * 1024 * 1024
