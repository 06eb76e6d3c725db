"""Data of one's own: two tables that wait, one for its columns and one for its mistakes, and a meter that was read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

from portal.domain.meters import RegisterFacts
from portal.intake.meters import Replacement
from portal.services import evidence, meters
from portal.services.tables import files, short
from portal.store.blobs import Blobs
from tests.factories.meters import a_meter, some_readings
from tests.journeys.cast import HAULIER
from tests.journeys.stage import Stage

PERSON = f"signatory-{HAULIER}"
TITLES = "场所,期间,类别,数量,单位\n"
# The first month and the last are odd: a long time without a reading, and a register that went back.
SHOWN = {"2025-01-01": "1000", "2025-03-20": "2480", "2025-04-01": "2710", "2025-05-01": "2600"}


def play_own_data(stage: Stage) -> None:
    """Bring two tables and read a meter."""
    site = stage.site(HAULIER)
    _table(stage, "asked", f"{TITLES}{site.code},2025-01,夜间用电,1200,kWh\n")
    rows = f"{site.code},2025-01,electricity.grid,1200,kWh\n{site.code},2025-02,electricity.grid,许多,kWh\n"
    _table(stage, "checked", TITLES + rows)
    work = stage.work(PERSON, 2)
    member = stage.member(HAULIER)
    meter = a_meter(
        work, member, site, "E-1", name="冷库一号", serial="76-4471", digits=6,
        starts_on=date(2025, 1, 1),
    )  # fmt: skip
    shown = {f"{day}T08:00:00": value for day, value in SHOWN.items()}
    recorded = some_readings(work, member, meter, shown)
    assert recorded.is_kept, recorded.problems
    stage.world.things["meter"] = str(meter.uid)
    replaced = a_meter(
        work, member, site, "E-2", name="充电桩", serial="76-4472", digits=6, first="1000",
        starts_on=date(2025, 1, 1),
    )  # fmt: skip
    new = Replacement(
        datetime(2025, 1, 16, 2, tzinfo=UTC),
        Decimal(1480),
        RegisterFacts("90-0017", 7, Decimal(40), Decimal(0)),
    )
    assert meters.replace_register(work, member, replaced, new) == ()
    some_readings(work, member, replaced, {"2025-02-01T00:00:00": "12"})
    stage.world.things["replaced_meter"] = str(replaced.uid)
    work.flush_ledger()


def _table(stage: Stage, called: str, text: str) -> None:
    work = stage.work(PERSON, 3)
    inventory = stage.inventory(HAULIER, 2025)
    desk = files.desk_for_file(work, inventory)
    blobs = Blobs(stage.world.settings.storage)
    with evidence.inspected(blobs, BytesIO(text.encode()), f"{called}.csv") as file:
        assert file.received is not None, file.problems
        found = short.look_through(desk, {}, file.name, file.received)
        blobs.keep(file.received)
        row = files.take_in(work, inventory, file.name, file.received, "zh")
    assert found is not None
    files.note_survey(work, row, *found)
    if called == "checked":
        path = blobs.path_of(row.sha256)
        judgement, left_out = short.judge_all(desk, files.table_of(row, path), work.new_uid)
        files.note_check(work, row, desk, judgement, left_out)
    stage.world.things[f"table/{called}"] = str(row.uid)
    work.flush_ledger()
