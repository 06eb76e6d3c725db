"""The coordinator's overview and lists: their numbers are the data's, their filters stand in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from lxml import html
from sqlalchemy import select

from portal.domain.actors import Role
from portal.http import clock
from portal.store.base import Database
from portal.store.inventories import Inventory
from portal.web import formats
from tests.browsers import Browser
from tests.factories.scenes import Scene, staff

QUEUE = "/coordinator/submissions/"
MEMBERS = "/coordinator/members/"
LogIn = Callable[..., Browser]


def texts(page: str, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in html.fromstring(page).xpath(path)]


def codes(page: str) -> list[str]:
    """The members that a list names, in its order."""
    return re.findall(r'<span class="code">(M-\d+)</span></th>', page)


def test_overview_counts_what_there_is(scene: Scene, coordinator: Browser) -> None:
    first = scene.member("M-0001")
    approved = [scene.approved(first, 2024), scene.approved(first, 2025, minutes=10)]
    scene.waiting(scene.member("M-0002"))
    scene.returned(scene.member("M-0003"))
    scene.draft(scene.member("M-0004"))
    scene.member("M-0005")
    scene.session.commit()

    page = coordinator.get("/coordinator/?lang=en").text

    assert texts(page, "//dd[@class='kpi-value']")[:3] == ["5", "1", "1"]
    change = (approved[1].kg_total - approved[0].kg_total) / approved[0].kg_total
    assert texts(page, "//dd[@class='kpi-value']")[3] == formats.percent(change, signed=True)
    states = dict(
        zip(
            texts(page, "//span[@class='state-label']"),
            texts(page, "//span[@class='state-number']"),
            strict=True,
        )
    )
    assert states == {
        "Not started": "1",
        "Draft": "1",
        "Submitted": "1",
        "Returned": "1",
        "Approved": "1",
    }
    tables = texts(page, "//details//tbody/tr")
    assert tables[0].startswith("2024 ")
    assert formats.tonnes(approved[0].kg_total) in tables[0]
    assert formats.tonnes(approved[1].kg_total) in tables[1]


def test_overview_of_an_alliance_without_anything_says_what_will_be_there(
    coordinator: Browser,
) -> None:
    page = coordinator.get("/coordinator/?lang=en").text
    assert "Nothing is approved yet" in page
    assert "Waiting longest" not in page


def test_each_number_leads_to_the_list_of_what_it_counts(
    scene: Scene, coordinator: Browser
) -> None:
    scene.approved(scene.member("M-0001"), 2025)
    scene.waiting(scene.member("M-0002"))
    scene.session.commit()
    page = html.fromstring(coordinator.get("/coordinator/").text)
    (link,) = page.xpath("//ul[@class='state-counts']//a[contains(@href, 'state=approved')]/@href")
    assert codes(coordinator.get(link).text) == ["M-0001"]
    (link,) = page.xpath("//dt//a[contains(@href, '/submissions/')]/@href")
    assert codes(coordinator.get(link).text) == ["M-0002"]


def test_queue_is_ordered_and_filtered_by_its_address(scene: Scene, coordinator: Browser) -> None:
    for minutes, code, sector in (
        (30, "M-0001", "packaging"),
        (10, "M-0002", "haulier"),
        (20, "M-0003", "packaging"),
    ):
        scene.waiting(scene.member(code, sector), minutes=minutes)
    scene.approved(scene.member("M-0004"), 2025)
    scene.waiting(scene.member("M-0005"))
    scene.session.commit()

    def listed(query: str) -> list[str]:
        return codes(coordinator.get(f"{QUEUE}?{query}").text)

    assert listed("") == ["M-0005", "M-0002", "M-0003", "M-0001"]
    assert listed("sort=newest") == ["M-0001", "M-0003", "M-0002", "M-0005"]
    assert listed("sector=haulier") == ["M-0002"]
    assert listed("q=m-0003") == ["M-0003"]
    assert listed("q=%25") == []
    assert listed("state=approved") == ["M-0004"]
    assert listed("state=") == listed("state=&sort=oldest")
    assert listed("warnings=99") == []
    for nonsense in ("state=nonsense", "sort=nonsense", "page=x", "page=0", "year=x"):
        assert coordinator.get(f"{QUEUE}?{nonsense}").status_code == 400


def test_queue_turns_its_pages(scene: Scene, coordinator: Browser) -> None:
    for place in range(60):
        scene.waiting(scene.member(f"M-{place:04d}"), minutes=place)
    scene.session.commit()
    first, second = (coordinator.get(f"{QUEUE}?page={page}&sort=oldest").text for page in (1, 2))
    assert codes(first) == [f"M-{place:04d}" for place in range(50)]
    assert codes(second) == [f"M-{place:04d}" for place in range(50, 60)]
    assert "60" in texts(first, "//p[@class='found']")[0]
    assert 'page=2&amp;sort=oldest" rel="next"' in first or 'rel="next"' in first
    assert codes(coordinator.get(f"{QUEUE}?page=9").text) == []


def test_member_list_shows_where_each_stands_in_the_year(
    scene: Scene, coordinator: Browser
) -> None:
    first = scene.member("M-0001")
    approved = scene.approved(first, 2024)
    scene.draft(scene.member("M-0002"), 2024)
    scene.member("M-0003", "haulier")
    scene.session.commit()

    page = coordinator.get(f"{MEMBERS}?year=2024&lang=en").text
    rows = texts(page, "//tbody/tr")
    assert formats.tonnes(approved.kg_total) in rows[0]
    assert ["Approved" in rows[0], "Draft" in rows[1], "Not started" in rows[2]] == [True] * 3

    def listed(query: str) -> list[str]:
        return codes(coordinator.get(f"{MEMBERS}?{query}").text)

    assert listed("year=2024&state=not_begun") == ["M-0003"]
    assert listed("year=2024&sort=-total") == ["M-0001", "M-0002", "M-0003"]
    assert listed("year=2024&sort=-code") == ["M-0003", "M-0002", "M-0001"]
    assert listed("year=2024&category=electricity.grid") == ["M-0001"]
    assert listed("year=2024&category=livestock.enteric") == []
    assert listed("sector=haulier&status=active") == ["M-0003"]
    assert listed("year=1999") == ["M-0001", "M-0002", "M-0003"]


def test_lists_answer_head_like_get_and_say_which_methods_they_take(coordinator: Browser) -> None:
    for path in (
        "/coordinator/",
        QUEUE,
        MEMBERS,
        "/coordinator/certificates/",
        "/coordinator/ledger/",
    ):
        full = coordinator.get(path)
        head = coordinator.client.head(path, base_url="https://portal.example")
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Type"] == full.headers["Content-Type"]
        options = coordinator.client.options(path, base_url="https://portal.example")
        assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        refused = coordinator.post(path, {"csrf_token": coordinator.token("/account/")})
        assert refused.status_code == 405


def test_what_waits_too_long_is_counted_and_can_be_filtered(
    scene: Scene, coordinator: Browser
) -> None:
    scene.waiting(scene.member("M-0001"))
    recent = scene.member("M-0002")
    age = clock.now() - scene.as_supplier("M-0001").moment
    scene.waiting(recent, minutes=int((age - timedelta(days=1)).total_seconds() // 60))
    scene.session.commit()
    wanted = ["M-0001"] if age > timedelta(days=10) else []
    assert codes(coordinator.get(f"{QUEUE}?overdue=1").text) == wanted
    assert scene.session.scalars(select(Inventory.state)).all() == ["submitted", "submitted"]


def test_pages_of_the_alliance_are_for_those_who_have_a_second_factor(
    database: Database, scene: Scene, log_in: LogIn
) -> None:
    newcomer = staff(scene.session, Role.COORDINATOR)
    newcomer.tf_primary_method = None
    scene.session.commit()
    answer = log_in(newcomer).get("/coordinator/")
    assert (answer.status_code, answer.location) == (303, "/account/two-factor")
