"""Meters and readings on both databases: kept whole or not at all, each moment once, nothing ever changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.calculation.metering import Counting, Oddity
from portal.calculation.problems import Problem
from portal.domain.actors import Role
from portal.domain.differences import plain
from portal.domain.meters import Door, RegisterFacts
from portal.domain.refusals import NotFound
from portal.domain.submissions import Kind
from portal.intake.meters import Replaced, Replacement
from portal.intake.raw import RawLine
from portal.services import (
    freezing,
    inventories,
    lines,
    meter_days,
    meter_months,
    meter_readings,
    meter_troubles,
    metered_lines,
    meters,
)
from portal.services.bundles import papers
from portal.services.work import Work
from portal.store import meter_partitions
from portal.store.alliance import Alliance
from portal.store.base import Database
from portal.store.jobs import Job
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeterBatch, MeteredLine, MeterReading, MeterTrouble
from tests.factories.meters import a_meter, some_readings
from tests.factories.suppliers import MOMENT, a_member, a_site, an_account, an_alliance, work_of

YEAR = 2025
START = date(2025, 1, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
QUARTER = {"2025-01-01 00:00": "1000", "2025-02-01 00:00": "1100", "2025-03-01 00:00": "1350"}


@dataclass
class Stand:
    """A member with a site and a year begun, and its reporter at work."""

    work: Work
    member: Member
    site: Site

    @property
    def session(self) -> Session:
        return self.work.session

    def count(self, table: type) -> int:
        return self.session.scalars(select(func.count()).select_from(table)).one()


@pytest.fixture
def stand(session: Session) -> Stand:
    alliance = an_alliance(session, years=(YEAR,))
    member = a_member(session, alliance, "M0001", sector="packaging")
    work = work_of(session, an_account(session, Role.REPORTER, member))
    inventories.open_inventory(work, member, YEAR)
    return Stand(work, member, a_site(session, member, "S1"))


def entries(stand: Stand, kind: str) -> list[LedgerEntry]:
    stand.work.flush_ledger()
    query = select(LedgerEntry).where(LedgerEntry.kind == kind).order_by(LedgerEntry.sequence)
    return list(stand.session.scalars(query))


def test_batch_is_kept_once_with_one_entry_in_the_ledger(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START, serial="SN 77")
    first = some_readings(stand.work, stand.member, meter, QUARTER, door=Door.API)
    assert (first.kept, first.repeated, first.problems) == (3, 0, [])
    again = some_readings(stand.work, stand.member, meter, {**QUARTER, "2025-04-01 00:00": "1400"})
    assert (again.kept, again.repeated) == (1, 3)
    assert stand.count(MeterReading) == 4
    recorded = entries(stand, "readings.recorded")
    assert [(each.detail["count"], each.detail["door"]) for each in recorded] == [
        (3, "api"),
        (1, "form"),
    ]
    batches = stand.session.scalars(select(MeterBatch).order_by(MeterBatch.id)).all()
    stand.session.expire_all()
    assert [each.digest for each in batches] == [each.after for each in recorded]
    assert [each.count for each in batches] == [3, 1]


def test_batch_with_one_bad_reading_keeps_nothing(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    batch = {f"2025-02-01 00:{minute:02}": "5" for minute in range(60)} | {"2025-02-01 00:57": "-5"}
    found = some_readings(stand.work, stand.member, meter, batch)
    assert [(each.field, each.code) for each in found.problems] == [
        ("/57/value", "number.negative")
    ]
    assert stand.count(MeterReading) == stand.count(MeterBatch) == 0
    assert entries(stand, "readings.recorded") == []


def test_other_value_of_a_moment_is_a_conflict_until_a_reason_corrects_it(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    wrong = {"2025-02-01 00:00": "1110"}
    (conflict,) = some_readings(stand.work, stand.member, meter, wrong).problems
    assert (conflict.code, conflict.named_values["stored"]) == ("reading.conflict", "1100")
    assert some_readings(stand.work, stand.member, meter, wrong, reason="misread").kept == 1
    # What was said before stays; what was said last is in force.
    rows = stand.session.execute(
        select(MeterReading.number, MeterReading.value, MeterReading.reason)
        .where(MeterReading.moment == datetime(2025, 1, 31, 16, tzinfo=UTC))
        .order_by(MeterReading.number)
    ).all()
    assert [tuple(row) for row in rows] == [(1, 1100, None), (2, 1110, "misread")]
    months = meter_months.year_of(stand.work, meter, YEAR).months
    assert [each.use.amount for each in months[:2] if each.use] == [110, 240]


def test_file_sent_again_after_a_correction_repeats_what_was_said(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    some_readings(stand.work, stand.member, meter, {"2025-02-01 00:00": "1110"}, reason="misread")
    again = some_readings(stand.work, stand.member, meter, QUARTER)
    assert (again.kept, again.repeated, again.problems) == (0, 3, [])
    # Said with a reason, the first value is a correction of the correction.
    back = {"2025-02-01 00:00": "1100"}
    assert some_readings(stand.work, stand.member, meter, back, reason="right at first").kept == 1
    (january, *_) = meter_months.year_of(stand.work, meter, YEAR).months
    assert january.use is not None
    assert january.use.amount == 100


def test_readings_can_not_be_changed_or_deleted(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    for act in ("UPDATE meter_reading SET value = 0", "DELETE FROM meter_reading"):
        with pytest.raises(DBAPIError, match="frozen"), stand.session.begin_nested():
            stand.session.execute(text(act))


def test_order_of_arrival_does_not_matter(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    other = a_meter(stand.work, stand.member, stand.site, "E2", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    for ts, value in reversed(QUARTER.items()):
        some_readings(stand.work, stand.member, other, {ts: value})
    found = [meter_months.year_of(stand.work, each, YEAR).months for each in (meter, other)]
    assert [each.use for each in found[0]] == [each.use for each in found[1]]


def test_foreign_meter_is_unknown_and_its_readings_are_refused(stand: Stand) -> None:
    alliance_id = stand.member.alliance_id
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    other = Member(**{c: getattr(stand.member, c) for c in ("alliance_id", "unit_id", "sector")})
    for name, value in {
        "uid": stand.work.new_uid(), "code": "M0002", "name_zh": "B", "name_en": "B", "status": "active",
        "joined_on": START, "created_at": MOMENT,
    }.items():  # fmt: skip
        setattr(other, name, value)
    stand.session.add(other)
    stand.session.flush()
    assert other.alliance_id == alliance_id
    theirs = work_of(stand.session, an_account(stand.session, Role.REPORTER, other))
    with pytest.raises(NotFound):
        meters.find_meter(theirs, other, meter.uid)
    with pytest.raises(NotFound):
        meters.meters_of(theirs, stand.member)
    (found,) = some_readings(theirs, other, meter, {"2025-02-01 00:00": "1"}).problems
    assert found.code == "reading.meter.unknown"


def test_meter_is_found_by_code_and_by_each_of_its_serial_numbers(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START, serial="SN-1")
    at = datetime(2025, 2, 1, tzinfo=UTC)
    register = RegisterFacts("SN-2", 6, Decimal(1), Decimal(0))
    meters.replace_register(stand.work, stand.member, meter, Replacement(at, Decimal(9), register))
    known = meters.known_meters(stand.session, stand.member.id)
    assert {name for name, each in known.items() if each.key == meter.id} == {"e1", "sn-1", "sn-2"}
    taken = meters.add_meter(
        stand.work,
        stand.member,
        stand.site,
        meters.facts_of(meter),
        RegisterFacts("sn-1", None, Decimal(1), None),
    )
    assert [(each.field, each.code) for each in taken[1]] == [
        ("code", "meter.code.taken"),
        ("serial", "meter.code.taken"),
    ]


def test_replaced_register_keeps_one_series(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START, first="1000")
    at = datetime(2025, 1, 11, tzinfo=SHANGHAI)
    new = RegisterFacts("", None, Decimal(2), Decimal(0))
    done = meters.replace_register(
        stand.work, stand.member, meter, Replacement(at, Decimal(1100), new)
    )
    assert done == ()
    some_readings(stand.work, stand.member, meter, {"2025-02-01 00:00": "50"})
    (january, *_) = meter_months.year_of(stand.work, meter, YEAR).months
    assert january.use is not None
    assert (january.use.amount, january.use.kinds) == (200, (Oddity.REPLACED,))
    assert len(entries(stand, "meter.register_replaced")) == 1


def test_moment_is_corrected_so_many_times(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter_readings, "MOST_CORRECTIONS", 2)
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    at = "2025-01-05 00:00"
    some_readings(stand.work, stand.member, meter, {at: "100"})
    for value in ("101", "102"):
        assert some_readings(stand.work, stand.member, meter, {at: value}, reason="Misread").is_kept
    refused = some_readings(stand.work, stand.member, meter, {at: "103"}, reason="Misread")
    assert [each.code for each in refused.problems] == ["reading.corrections.many"]
    assert stand.session.scalars(select(func.count()).select_from(MeterReading)).one() == 3


def test_company_sends_so_many_readings_a_day(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter_readings, "MOST_OF_A_COMPANY", 4)
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    assert some_readings(stand.work, stand.member, meter, QUARTER).kept == len(QUARTER)
    more = {f"2025-05-0{day} 00:00": "9000" for day in range(1, 4)}
    refused = some_readings(stand.work, stand.member, meter, more)
    assert [each.code for each in refused.problems] == ["reading.too_many_a_day"]
    assert refused.kept == 0
    assert stand.session.scalars(select(func.count()).select_from(MeterReading)).one() == len(
        QUARTER
    )


def test_replaced_register_is_put_right(stand: Stand) -> None:
    meter = a_meter(
        stand.work, stand.member, stand.site, "E1", starts_on=START, serial="old", first="1000"
    )
    row = january_with_an_exchange(stand, meter, datetime(2025, 2, 1, tzinfo=SHANGHAI), 1775)
    old, new = meters.registers_of(stand.session, meter)
    right = RegisterFacts("old", 5, Decimal(2), Decimal(1000))
    at = datetime(2025, 2, 1, tzinfo=SHANGHAI)

    done = meters.correct_register(
        stand.work, stand.member, meter, 1, Replaced(right, at, Decimal(1757))
    )

    assert done == ()
    assert (old.last, old.multiplier, old.digits, new.starts_at) == (1757, 2, 5, at)
    january = meter_months.year_of(stand.work, meter, YEAR).months[0]
    assert january.use is not None
    assert january.use.amount == 757 * 2
    assert row.quantity == 775, "what a line was made of stays until somebody takes it over again"
    (entry,) = entries(stand, "meter.register_corrected")
    assert entry.before != entry.after


def test_replaced_register_stays_between_its_neighbours(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    facts = RegisterFacts("", None, Decimal(1), None)
    for month in (2, 4):
        at = datetime(2025, month, 1, tzinfo=SHANGHAI)
        meters.replace_register(stand.work, stand.member, meter, Replacement(at, None, facts))
    for place, month, code in (
        (1, 4, "meter.replaced.not_before"),
        (2, 2, "meter.replaced.not_after"),
    ):
        at = datetime(2025, month, 1, tzinfo=SHANGHAI)
        (found,) = meters.correct_register(
            stand.work, stand.member, meter, place, Replaced(facts, at, None)
        )
        assert (found.field, found.code) == ("at", code)
    later = Replaced(facts, datetime(2025, 5, 1, tzinfo=SHANGHAI), None)
    assert meters.correct_register(stand.work, stand.member, meter, 2, later) == ()
    for place in (0, 3, 99):
        with pytest.raises(NotFound):
            meters.correct_register(stand.work, stand.member, meter, place, later)


def test_unit_and_days_stay_once_readings_rest_on_them(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    facts = meters.facts_of(meter)
    changed = type(facts)(**{**_plain(facts), "unit": "MWh", "ends_on": date(2025, 2, 10)})
    register = RegisterFacts("", None, Decimal(1), None)
    problems = meters.change_meter(stand.work, stand.member, meter, changed, register)
    assert {each.code for each in problems} == {"meter.has_readings", "meter.has_readings_outside"}
    ended = type(facts)(**{**_plain(facts), "ends_on": date(2025, 2, 28)})
    assert meters.change_meter(stand.work, stand.member, meter, ended, register) == ()
    assert [each.name for each in meter_months.year_of(stand.work, meter, YEAR).months] == [
        "2025-01",
        "2025-02",
    ]


def test_first_day_moves_the_first_register_also_after_a_replacement(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START, first="1000")
    at = datetime(2025, 1, 11, tzinfo=SHANGHAI)
    new = RegisterFacts("", None, Decimal(1), Decimal(0))
    meters.replace_register(stand.work, stand.member, meter, Replacement(at, Decimal(1100), new))
    facts = meters.facts_of(meter)
    earlier = replace(facts, starts_on=date(2024, 12, 1))
    assert meters.change_meter(stand.work, stand.member, meter, earlier, new) == ()
    first, second = meters.registers_of(stand.session, meter)
    assert first.starts_at == datetime(2024, 11, 30, 16, tzinfo=UTC)
    assert second.starts_at == at
    too_late = replace(facts, starts_on=date(2025, 1, 11))
    (problem,) = meters.change_meter(stand.work, stand.member, meter, too_late, new)
    assert (problem.field, problem.code) == ("starts_on", "meter.starts_after_replacement")


def test_meter_has_room_for_so_many_registers(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "MOST_REGISTERS", 1)
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    new = RegisterFacts("", None, Decimal(1), Decimal(0))
    at = datetime(2025, 2, 1, tzinfo=UTC)
    (problem,) = meters.replace_register(
        stand.work, stand.member, meter, Replacement(at, None, new)
    )
    assert problem.code == "meter.registers.many"


def _plain(facts: object) -> dict[str, object]:
    return {name: getattr(facts, name) for name in type(facts).__dataclass_fields__}  # type: ignore[attr-defined]  # a dataclass


def january_with_an_exchange(stand: Stand, meter: Meter, at: datetime, last: int) -> ActivityLine:
    """The line of January, after another register began at nought where the old one showed its last count."""
    new = RegisterFacts("", None, Decimal(1), Decimal(0))
    meters.replace_register(stand.work, stand.member, meter, Replacement(at, Decimal(last), new))
    year = meter_months.year_of(stand.work, meter, YEAR)
    assert metered_lines.take_over(stand.work, stand.member, year, [START]).problems == ()
    (row,) = stand.session.scalars(select(ActivityLine)).all()
    return row


def test_line_of_a_month_with_an_exchange_can_be_recomputed_from_its_note(stand: Stand) -> None:
    meter = a_meter(
        stand.work, stand.member, stand.site, "E1", starts_on=START, multiplier="40", first="1000"
    )
    some_readings(stand.work, stand.member, meter, {"2025-02-01 00:00": "2000"})
    row = january_with_an_exchange(stand, meter, datetime(2025, 1, 11, tzinfo=SHANGHAI), 1500)
    assert row.quantity == Decimal(500 * 40 + 2000)
    assert row.note == (
        "E1: 2024-12-31 16:00Z 1000 → 2025-01-10 16:00Z 1500, × 40; "
        "2025-01-10 16:00Z 0 → 2025-01-31 16:00Z 2000, × 1"
    )


def test_month_between_noted_counts_needs_no_reading(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START, first="1000")
    row = january_with_an_exchange(stand, meter, datetime(2025, 2, 1, tzinfo=SHANGHAI), 1775)
    assert row.quantity == Decimal(775)
    assert row.note == "E1: 2024-12-31 16:00Z 1000 → 2025-01-31 16:00Z 1775, × 1"


def test_doubt_about_a_count_beyond_the_border_reaches_the_month_before_it(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START, digits=5)
    counts = ("0", "1000", "1900", "2800", "3700", "4600", "5500", "6400", "7300", "8200", "9100")
    told = {f"2025-{number:02}-01 00:00": count for number, count in enumerate(counts, start=1)}
    told |= {"2025-12-01 00:00": "10000", "2026-01-01 00:00": "19100", "2026-02-01 00:00": "11800"}
    some_readings(stand.work, stand.member, meter, told)
    months = meter_months.months_of(stand.work, meter, YEAR, YEAR).months
    doubted = [each.name for each in months if each.use is not None and each.use.is_doubtful]
    assert doubted == ["2025-12"]


def test_months_become_lines_that_say_how_they_came_about(stand: Stand) -> None:
    meter = a_meter(
        stand.work, stand.member, stand.site, "E1", starts_on=START, serial="SN-1", multiplier="40"
    )
    some_readings(stand.work, stand.member, meter, QUARTER)
    year = meter_months.year_of(stand.work, meter, YEAR)
    done = metered_lines.take_over(
        stand.work, stand.member, year, [date(2025, 1, 1), date(2025, 2, 1)]
    )
    assert (done.lines, done.problems) == (2, ())
    rows = stand.session.scalars(select(ActivityLine).order_by(ActivityLine.position)).all()
    assert [
        (row.quantity, row.unit, row.start_on, row.end_on, row.is_complete) for row in rows
    ] == [
        (Decimal(4000), "kWh", date(2025, 1, 1), date(2025, 2, 1), True),
        (Decimal(10000), "kWh", date(2025, 2, 1), date(2025, 3, 1), True),
    ]
    assert rows[0].note.startswith(
        "E1 (SN-1): 2024-12-31 16:00Z 1000 → 2025-01-31 16:00Z 1100, × 40"
    )
    origin = metered_lines.origin_of(stand.work, rows[0])
    assert origin is not None
    assert origin.working["readings"] == 2
    assert len(origin.working["digest"]) == 64
    inventory = inventories.find_inventory(stand.work, stand.member, YEAR)
    frozen = freezing.freeze(stand.work, inventory, Kind.BASELINE).content
    assert [line["meter"]["amount"] for line in frozen["lines"]] == ["4000", "10000"]
    traces = papers.read_json(papers.traces_of(plain(frozen)))["lines"]
    assert [trace["meter"] for trace in traces] == [
        line["meter"] for line in plain(frozen)["lines"]
    ]
    assert len(entries(stand, "meter.months_taken_over")) == 1


def test_later_readings_leave_the_line_alone_until_it_is_taken_over_again(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    january = date(2025, 1, 1)
    before = meter_months.year_of(stand.work, meter, YEAR)
    metered_lines.take_over(stand.work, stand.member, before, [january])
    some_readings(stand.work, stand.member, meter, {"2025-02-01 00:00": "1200"}, reason="misread")
    taken = metered_lines.taken_of(stand.work, meter, YEAR)[january]
    year = meter_months.year_of(stand.work, meter, YEAR)
    assert year.months[0].use is not None
    assert (taken.amount, taken.line.quantity, year.months[0].use.amount) == (100, 100, 200)
    assert metered_lines.take_over(stand.work, stand.member, year, [january]).lines == 1
    stand.session.expire_all()
    (line,) = stand.session.scalars(select(ActivityLine))
    (made,) = stand.session.scalars(select(MeteredLine))
    assert (line.quantity, line.version, made.amount) == (200, 2, 200)


def test_line_changed_by_hand_has_nothing_to_show_for_it(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    year = meter_months.year_of(stand.work, meter, YEAR)
    metered_lines.take_over(stand.work, stand.member, year, [date(2025, 1, 1)])
    (line,) = stand.session.scalars(select(ActivityLine))
    line.quantity = Decimal(101)
    stand.session.flush()
    origin = metered_lines.origin_of(stand.work, line)
    assert origin is not None
    assert origin.is_changed_by_hand
    assert metered_lines.workings_of(stand.session, [line]) == {}


def test_removed_line_lets_the_month_be_taken_over_anew(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    some_readings(stand.work, stand.member, meter, QUARTER)
    year = meter_months.year_of(stand.work, meter, YEAR)
    for _ in range(2):
        assert metered_lines.take_over(stand.work, stand.member, year, [date(2025, 1, 1)]).lines
        (line,) = stand.session.scalars(select(ActivityLine))
        inventory = inventories.find_inventory(stand.work, stand.member, YEAR)
        lines.remove_line(stand.work, inventory, line.key)
        stand.session.expire_all()
        assert stand.count(MeteredLine) == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "meter.month.unknown"),
        ({"2025-01-01 00:00": "1000"}, "meter.month.unknown"),
        ({"2025-01-01 00:00": "1000", "2025-01-20 00:00": "1010"}, "meter.month.not_whole"),
        ({"2025-01-01 00:00": "1000", "2025-02-01 00:00": "900"}, "meter.month.decreased"),
    ],
)
def test_month_that_is_not_whole_or_doubtful_can_not_be_taken_over(
    stand: Stand, values: dict[str, str], code: str
) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    if values:
        some_readings(stand.work, stand.member, meter, values)
    year = meter_months.year_of(stand.work, meter, YEAR)
    done = metered_lines.take_over(stand.work, stand.member, year, [START])
    assert [each.code for each in done.problems] == [code]
    assert stand.count(ActivityLine) == 0


def test_interval_meter_counts_what_each_reading_says(stand: Stand) -> None:
    meter = a_meter(
        stand.work, stand.member, stand.site, "E1", starts_on=START, counting=Counting.INTERVAL
    )
    hours = {
        (datetime(2025, 1, 1) + timedelta(hours=hour)).isoformat(" ", "minutes"): "2"
        for hour in range(1, 31 * 24 + 1)
    }
    some_readings(stand.work, stand.member, meter, hours)
    (january, *_) = meter_months.year_of(stand.work, meter, YEAR).months
    assert january.use is not None
    assert (january.use.amount, january.use.completeness, january.obstacle) == (31 * 48, 1, None)


def test_trouble_is_shown_once_and_counted(stand: Stand) -> None:
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    problems = some_readings(stand.work, stand.member, meter, {"2025-02-01 00:00": "-1"}).problems
    for _ in range(3):
        meter_troubles.note_trouble(stand.work, stand.member, "E1", b"{}", problems)
    meter_troubles.note_trouble(stand.work, stand.member, "strange", b"{}", problems)
    (shown,) = meter_troubles.troubles_of(stand.work, stand.member, meter)
    assert (shown.count, shown.problems[0].code) == (3, "number.negative")
    assert len(meter_troubles.troubles_of(stand.work, stand.member)) == 2
    meter_troubles.purge_troubles(stand.session, MOMENT + timedelta(seconds=1))
    assert stand.count(MeterTrouble) == 0


def test_member_keeps_its_newest_troubles_and_none_fills_the_disk(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter_troubles, "MOST_KEPT", 3)
    alliance = stand.session.get_one(Alliance, stand.member.alliance_id)
    other = a_member(stand.session, alliance, "M0002", sector="packaging")
    long = "x" * 5000
    found = [Problem("reading.field.unknown", long, (("given", long),))] * 50
    meter_troubles.note_trouble(stand.work, other, "E1", b"{}", found)
    for number in range(5):
        later = replace(stand.work, moment=MOMENT + timedelta(minutes=number))
        meter_troubles.note_trouble(later, stand.member, f"E{number}", b"{}", found)
    kept = meter_troubles.troubles_of(stand.work, stand.member)
    assert [each.named for each in kept] == ["E4", "E3", "E2"]
    assert stand.count(MeterTrouble) == 4
    assert len(kept[0].problems) == 5
    assert kept[0].problems[0] == Problem(
        "reading.field.unknown", "x" * 200, (("given", "x" * 200),)
    )


def test_day_of_a_meter_has_room_for_a_reading_a_minute_and_its_corrections(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter_days, "MOST_A_DAY", 3)
    meter = a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)

    def sent(seconds: range, value: int = 5, day: int = 1, reason: str = "") -> list[str]:
        start = datetime(2025, 2, day, 9)
        values = {(start + timedelta(seconds=each)).isoformat(" "): str(value) for each in seconds}
        problems = some_readings(stand.work, stand.member, meter, values, reason=reason).problems
        return [f"{each.field} {each.code}" for each in problems]

    full = "reading.day_full"
    assert sent(range(9)) == [f"/3/ts {full}"]
    assert sent(range(3, 4)) == sent(range(2)) == sent(range(2)) == []
    assert sent(range(5)) == [f"/2/ts {full}"], "what is there already is counted once"
    assert sent(range(1), day=3) == sent(range(3), day=2) == [], "another day"
    assert sent(range(8, 9), day=2) == sent(range(9, 10), day=2) == [f"/0/ts {full}"]
    for value in (6, 7, 8):
        assert sent(range(1), value, reason="misread") == []
    assert sent(range(1), 9, reason="misread") == [f"/0/ts {full}"]


def test_member_has_room_for_so_many_meters(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "MOST_METERS", 2)
    for code in ("E1", "E2"):
        meter = a_meter(stand.work, stand.member, stand.site, code, starts_on=START)
    facts = replace(meters.facts_of(meter), code="E3")
    register = RegisterFacts("", None, Decimal(1), None)
    made, problems = meters.add_meter(stand.work, stand.member, stand.site, facts, register)
    assert made is None
    assert [(each.field, each.code) for each in problems] == [("code", "meter.many")]


def test_batch_of_nothing_and_of_too_many_is_refused(stand: Stand) -> None:
    a_meter(stand.work, stand.member, stand.site, "E1", starts_on=START)
    for readings, code in (([], "reading.none"), ([RawLine("", {})] * 10_001, "reading.too_many")):
        found = meter_readings.record_readings(stand.work, stand.member, readings, door=Door.API)
        assert [each.code for each in found.problems] == [code]


def test_partitions_take_what_waited_for_them_and_keep_their_wall(database: Database) -> None:
    with database.writing() as session:
        alliance = an_alliance(session, years=(YEAR,))
        member = a_member(session, alliance, "M0001", sector="packaging")
        site = a_site(session, member, "S1")
        work = work_of(session, an_account(session, Role.REPORTER, member))
        meter = a_meter(work, member, site, "E1", starts_on=START)
        some_readings(work, member, meter, QUARTER)
        work.commit()
        asked = session.scalars(select(Job.kind)).all()
    if database.is_sqlite:
        assert asked == []
        return
    assert asked == [meter_readings.LAY_PARTITIONS]
    with database.writing() as session:
        waiting = meter_partitions.waiting(session.connection())
        assert waiting == [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)]
        assert all(meter_partitions.lay(session.connection(), month) for month in waiting)
        assert not meter_partitions.lay(session.connection(), waiting[0])
        session.commit()
    with database.writing() as session:
        assert meter_partitions.waiting(session.connection()) == []
        count = "SELECT count(*) FROM {}".format
        assert session.scalar(text(count("meter_reading"))) == 3
        assert session.scalar(text(count("meter_reading_2025_01"))) == 1
        with pytest.raises(DBAPIError, match="frozen"):
            session.execute(text("DELETE FROM meter_reading_2025_01"))
