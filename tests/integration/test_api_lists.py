"""Lists of programs come in pages behind cursors: everything once, in the order in which it was added, whatever is added meanwhile."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from portal.services import plans
from portal.store.accounts import Account
from portal.store.base import Database
from portal.store.evidence import Evidence
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site
from tests.factories.meters import a_meter
from tests.factories.suppliers import MOMENT, a_site, work_of
from tests.programs import LINE, LINES, Program

OUTPUTS = "/v1/inventories/2025/outputs"
ACTION = {"site": "S1", "area": "production", "category": "electricity.grid", "ledger": "inventory", "method": "stated", "stated_t": 4.5, "how": "Counted lamps", "start": "2025-07-01", "lifetime_years": 8, "owner_name": "Han Mei", "owner_post": "Energy manager", "status": "planned"}  # fmt: skip
COUNT = 5


def fill(asking: Program, database: Database, account: Account) -> str:
    """Add some of each thing, names falling as they are added; returns the address of a line's files."""
    line = asking.post(LINES, {"lines": [LINE]}).get_json()["lines"][0]["key"]
    with database.writing() as session:
        work = work_of(session, account)
        member = session.get_one(Member, account.member_id)
        plans.begin_plan(work, member)
        site = session.scalars(select(Site)).one()
        line_id = session.scalars(select(ActivityLine.id)).one()
        for place in reversed(range(COUNT)):
            a_meter(work, member, site, f"E{place}", starts_on=date(2025, 1, 1))
            file = Evidence(
                uid=uuid4(), member_id=member.id, sha256=secrets.token_hex(32), size=5,
                media_type="text/csv", name=f"bill-{place}.csv", flags=[], uploaded_by=account.id,
                uploaded_at=MOMENT,
            )  # fmt: skip
            session.add(file)
            session.flush()
            session.add(LineEvidence(line_id=line_id, evidence_id=file.id))
            if place:
                a_site(session, member, f"R{place}")
        work.commit()
    for place in reversed(range(COUNT)):
        output = {"product": f"Milk {place}", "quantity": 1, "unit": "t"}
        assert asking.post(OUTPUTS, output).status_code == 201
        made = asking.post("/v1/actions", {**ACTION, "name": f"Lamps {place}"})
        assert made.status_code == 201, made.text
    return f"{LINES}/{line}/evidence"


def pages(asking: Program, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """The items of every page of a list."""
    found, cursor = [], ""
    while True:
        told = asking.get(f"{path}?limit={limit}{cursor}").get_json()
        found.append(told["items"])
        if told["next"] is None:
            return found
        cursor = f"&cursor={told['next']}"


def test_every_list_is_read_page_by_page(
    asking: Program, database: Database, account: Account
) -> None:
    files = fill(asking, database, account)
    names = {OUTPUTS: "product", "/v1/actions": "name", "/v1/meters": "code", "/v1/sites": "code", files: "name"}  # fmt: skip
    cursors = {}
    for path, name in names.items():
        (whole,) = pages(asking, path, COUNT)
        in_pages = pages(asking, path, 2)

        assert [len(page) for page in in_pages] == [2, 2, 1], path
        assert [item for page in in_pages for item in page] == whole
        added = [item[name] for item in whole[1:]]
        assert added == sorted(added, reverse=True), path
        assert asking.get(path).get_json()["items"] == whole
        cursors[path] = asking.get(f"{path}?limit=1").get_json()["next"]
    for path in names:
        for other, cursor in cursors.items():
            status = asking.get(f"{path}?cursor={cursor}").status_code
            assert status == (200 if other == path else 400)


def test_what_is_added_meanwhile_comes_last(
    asking: Program, database: Database, account: Account
) -> None:
    fill(asking, database, account)
    first = asking.get("/v1/actions?limit=4").get_json()
    asking.post("/v1/actions", {**ACTION, "name": "Lamps of tomorrow"})
    rest = asking.get(f"/v1/actions?limit=4&cursor={first['next']}").get_json()

    assert [each["name"] for each in rest["items"]] == ["Lamps 0", "Lamps of tomorrow"]
    assert rest["next"] is None
