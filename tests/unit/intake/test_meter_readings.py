"""A batch of readings: everything that is wrong is found at once, each with its address."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from portal.calculation.metering import Counting
from portal.calculation.problems import CalculationError, problem
from portal.intake.meter_messages import LARGEST, read_message, topic_of
from portal.intake.meter_readings import BatchRules, KnownMeter, read_readings
from portal.intake.raw import RawLine
from portal.intake.reading_files import read_file
from portal.intake.tables.cells import Row

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TITLES = Row(1, ["meter", "time", "value"])
START = datetime(2024, 12, 31, 16, tzinfo=UTC)


def meter(counting: Counting = Counting.CUMULATIVE, unit: str = "kWh") -> KnownMeter:
    zone = ZoneInfo("Asia/Shanghai")
    return KnownMeter(1, "M1", unit, counting, zone, START, None, ((START, 6),))


def rules(known: KnownMeter | None = None, *, is_local: bool = False) -> BatchRules:
    return BatchRules({"m1": known or meter()}, NOW, is_local=is_local)


def sent(place: int = 0, **changed: object) -> RawLine:
    usual = {"meter": "M1", "ts": "2025-03-07T10:00:00Z", "value": Decimal("12.5"), "unit": "kWh"}
    return RawLine.of_json(f"/{place}", {**usual, **changed})


def test_reading_is_kept_in_the_unit_of_its_meter() -> None:
    (values,) = read_readings([sent(unit="MWh")], rules()).values
    assert (values.value, values.at) == (Decimal(12500), datetime(2025, 3, 7, 10, tzinfo=UTC))


def test_value_that_would_lose_digits_in_the_unit_of_the_meter_is_refused() -> None:
    found = read_readings([sent(value=1, unit="MMBtu")], rules())
    assert [each.code for each in found.problems] == ["reading.unit.not_exact"]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"meter": ""}, "meter", "reading.meter.missing"),
        ({"meter": "M9"}, "meter", "reading.meter.unknown"),
        ({"meter": "\ud800"}, "meter", "reading.meter.unknown"),
        ({"meter": 7}, "meter", "reading.meter.unknown"),
        ({"ts": "2099-03-07T10:00:00Z"}, "ts", "timestamp.future"),
        ({"ts": "2024-12-31T15:59:59Z"}, "ts", "reading.before_start"),
        ({"value": Decimal("-12.5")}, "value", "number.negative"),
        ({"value": True}, "value", "number.not_a_number"),
        ({"value": None}, "value", "number.missing"),
        ({"value": Decimal("1e400")}, "value", "number.too_large"),
        ({"value": 1_000_000}, "value", "reading.beyond_register"),
        ({"unit": ""}, "unit", "unit.missing"),
        ({"unit": None}, "unit", "unit.missing"),
        ({"unit": "m³"}, "unit", "unit.does_not_fit"),
        ({"company_id": "x"}, "company_id", "reading.field.unknown"),
        ({"start": "2025-03-07T09:00:00Z"}, "start", "reading.start.not_asked"),
    ],
)
def test_problem_names_its_place_in_the_batch(
    changed: dict[str, object], field: str, code: str
) -> None:
    batch = [
        sent(0),
        sent(1, ts="2025-03-07T11:00:00Z", **changed)
        if "ts" not in changed
        else sent(1, **changed),
    ]
    found = read_readings(batch, rules())
    assert [(each.field, each.code) for each in found.problems] == [(f"/1/{field}", code)]


def test_all_problems_of_a_batch_come_at_once() -> None:
    batch = [sent(place, value=-1, unit="") for place in range(100)]
    assert len(read_readings(batch, rules()).problems) == 200


def test_reading_that_comes_twice_counts_once_and_one_that_contradicts_is_told() -> None:
    again = read_readings([sent(0), sent(1)], rules())
    assert (len(again.values), again.repeated) == (1, 1)
    other = read_readings([sent(0), sent(1, value=13)], rules())
    assert [(each.field, each.code) for each in other.problems] == [("/1/value", "reading.twice")]


def test_largest_value_that_fits_is_kept_with_a_flag() -> None:
    known = KnownMeter(1, "M1", "kWh", Counting.CUMULATIVE, UTC, START, None, ((START, None),))
    found = read_readings([sent(value=Decimal("123456789012.123457"))], rules(known))
    assert found.values[0].value == Decimal("123456789012.123457")
    assert [each.code for each in found.flags] == ["number.unusual"]


def test_interval_begins_before_its_end() -> None:
    found = read_readings([sent(start="2025-03-07T10:00:00Z")], rules(meter(Counting.INTERVAL)))
    assert [each.code for each in found.problems] == ["reading.start.not_before"]


def test_file_is_read_by_its_titles_in_either_language() -> None:
    titles = Row(1, ["\ufeff表号", "抄表时间", "备注", "示数"])
    (raw,) = read_file(
        [titles, Row(2, ["M1", "2025-03-07 18:00", "x", "12,5"]), Row(3, ["", "", "", ""])]
    )
    found = read_readings([raw], rules(is_local=True))
    assert raw.address("value") == "D2"
    assert [each.code for each in found.problems] == ["number.separators"]
    (raw,) = read_file([TITLES, Row(2, ["m1", "2025-03-07 18:00", "12.5"])])
    (values,) = read_readings([raw], rules(is_local=True)).values
    assert (values.value, values.at.hour) == (Decimal("12.5"), 10)


def test_file_without_titles_is_refused() -> None:
    with pytest.raises(CalculationError, match="columns"):
        list(read_file([Row(1, ["M1", "2025-03-07 18:00", "12.5"])]))
    with pytest.raises(CalculationError, match="columns"):
        list(read_file([]))


def test_workbook_tells_moments_days_and_numbers() -> None:
    rows = [
        TITLES,
        Row(2, ["M1", datetime(2025, 3, 7, 17, 59, 59, 999998), Decimal("12.5")], is_typed=True),
        Row(3, ["M1", date(2025, 3, 8), 13], is_typed=True),
    ]
    found = read_readings(list(read_file(rows)), rules(is_local=True))
    assert [(each.at, each.value) for each in found.values] == [
        (datetime(2025, 3, 7, 10, tzinfo=UTC), Decimal("12.5")),
        (datetime(2025, 3, 7, 16, tzinfo=UTC), Decimal(13)),
    ]


def test_cell_without_a_value_is_refused_by_its_name() -> None:
    flaw = problem("cell.error", "C2", cell="C2", given="#REF!")
    with pytest.raises(CalculationError, match="error"):
        list(read_file([TITLES, Row(2, ["M1", "2025-03-07 18:00", None], {2: (flaw,)})]))


def test_message_is_one_reading_or_a_list_of_them() -> None:
    one = read_message(b'{"ts": "2025-03-07T10:00:00Z", "value": 0.1, "unit": "kWh"}', "M1")
    assert one.readings[0].value("value") == Decimal("0.1")
    assert len(read_message(b'[{"ts": "x"}, {"ts": "y"}]', "M1").readings) == 2


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "not_json"),
        (b"null", "not_json"),
        (b"[]", "not_json"),
        (b'{"value": NaN}', "not_json"),
        (b'{"a": 1, "a": 2}', "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"\xff", "not_json"),
        (b'{"value": 1e9999999999999999999}', "not_json"),
        (b'{"value": 1e400}', "not_json"),
        (b'{"\\ud800": 1}', "not_json"),
        (b" " * (1024 * 1024 + 1), "too_large"),
    ],
)
def test_message_refused_when_it_can_not_be_read_exactly(payload: bytes, code: str) -> None:
    (found,) = read_message(payload, "M1").problems
    assert found.code == f"reading.message.{code}"


def test_message_of_too_many_objects_is_refused_before_they_are_looked_at() -> None:
    (found,) = read_message(b"[" + b"{}," * 10_000 + b"{}]", "M1").problems
    assert (found.code, found.named_values["most"]) == ("reading.too_many", "10000")
    full = b"[" + b"{}," * (LARGEST // 3 - 1) + b"{}]"
    tracemalloc.start()
    try:
        read_message(full, "M1")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 48 * LARGEST


def test_unknown_field_is_named_without_what_no_database_keeps() -> None:
    message = read_message(b'{"\\u0000": 1, "%s": 2}' % (b"x" * 5000), "M1")
    found = read_readings(message.readings, rules(meter())).problems
    strange = [each for each in found if each.code == "reading.field.unknown"]
    assert [each.field for each in strange] == ["/[U+0000]", f"/{'x' * 60}…"]


def test_message_about_another_meter_than_its_topic_is_refused() -> None:
    (found,) = read_message(b'{"meter": "M2", "value": 1}', "M1").problems
    assert found.code == "reading.meter.other"


def test_topic_names_member_and_meter() -> None:
    assert topic_of("a/b/0001/M1/readings", "a/b") == ("0001", "M1")
    for strange in (
        "a/b/0001/M1",
        "a/b/0001//readings",
        "x/0001/M1/readings",
        "a/b/1/2/3/readings",
    ):
        assert topic_of(strange, "a/b") is None
