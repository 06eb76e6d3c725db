"""The supplier's pages around the table: the task list, the questions of the set-up, sites, the check, what came back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import html
from sqlalchemy import select

from portal.intake.identifiers import credit_check_character
from portal.services import lines, members
from portal.store.base import Database
from portal.store.members import Member, Site
from portal.store.submissions import Finding, Submission
from tests.browsers import Browser
from tests.factories.scenes import Scene, states
from tests.factories.suppliers import unknown_uid

HOME = "/supplier/?year=2025&lang=en"
YEAR = "/supplier/inventories/2025"
SET_UP = "/supplier/set-up"
CREDIT_CODE = "91150100MA0N3XK7U"
SITE = {
    "name_zh": "赤峰工厂",
    "name_en": "Chifeng plant",
    "code": "S2",
    "kind": "plant",
    "country": "CN",
    "province": "CN-NM",
}
LogIn = Callable[..., Browser]


@pytest.fixture
def member(scene: Scene) -> Member:
    made = scene.member("M-0001")
    scene.session.commit()
    return made


@pytest.fixture
def supplier(scene: Scene, member: Member, log_in: LogIn) -> Browser:
    return log_in(scene.people["M-0001"])


def tasks(page: str) -> dict[str, str]:
    """The task list as it reads: title → status."""
    found = {}
    for item in html.fromstring(page).xpath("//li[@class='task']"):
        (title,) = item.xpath(".//*[@class='task-link' or @class='task-title']")
        (status,) = item.xpath("./span")
        found[title.text_content()] = status.text_content()
    return found


def kept(database: Database) -> Member:
    with database.reading() as session:
        return session.scalars(select(Member)).one()


def test_task_list_tells_how_far_a_year_is(scene: Scene, member: Member, supplier: Browser) -> None:
    page = supplier.get(HOME).text
    assert tasks(page) == {
        "Your organisation": "Completed",
        "Sites": "Completed",
        "Activity data": "Not started",
        "Production": "Not started",
        "Check and submit": "Cannot start yet",
    }
    assert "Begin the year 2025" in page
    assert supplier.submit(f"{YEAR}/open", {}, page=HOME).location == f"{YEAR}/lines"
    scene.draft(member)
    scene.session.commit()
    page = supplier.get(HOME).text
    assert tasks(page)["Activity data"] == "Completed"
    assert tasks(page)["Check and submit"] == "Not started"
    assert "Begin the year" not in page


def test_sites_and_lines_of_others_complete_no_task(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    site = scene.session.get_one(Site, scene.sites["M-0001"].id)
    site.is_active = False
    scene.draft(scene.member("M-0002"))
    scene.session.commit()

    found = tasks(supplier.get(HOME).text)

    assert found["Sites"] == "Not started"
    assert found["Activity data"] == found["Check and submit"] == "Cannot start yet"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "The alliance reviews your year."),
        ("approved", "The year is approved."),
        ("returned", "The reviewer has questions."),
    ],
)
def test_home_says_what_became_of_the_year(
    scene: Scene, member: Member, supplier: Browser, state: str, words: str
) -> None:
    getattr(scene, state)(member, 2025)
    scene.session.commit()
    page = supplier.get(HOME).text
    assert words in page
    assert bool(tasks(page)) == (state == "returned")


def test_a_year_that_the_alliance_did_not_open_is_not_there(supplier: Browser) -> None:
    for year in ("2019", "99999999"):
        assert supplier.get(f"/supplier/inventories/{year}/check").status_code == 404
    token = supplier.token(HOME)
    answer = supplier.post("/supplier/inventories/2019/open", {"csrf_token": token})
    assert answer.status_code == 404


def test_set_up_keeps_each_answer_and_goes_on(
    member: Member, supplier: Browser, database: Database
) -> None:
    names = {
        "name_zh": "晨曦包装",
        "name_en": "",
        "credit_code": CREDIT_CODE + credit_check_character(CREDIT_CODE),
    }
    assert supplier.submit(f"{SET_UP}/names", names).location == f"{SET_UP}/boundary"
    answer = supplier.submit(
        f"{SET_UP}/boundary", {"boundary": "financial_control", "act": "leave"}
    )
    assert answer.location == "/supplier/"
    answer = supplier.submit(f"{SET_UP}/base-year?change=1", {"base_year": "2025"})
    assert answer.location == f"{SET_UP}/"
    found = kept(database)
    assert (found.name_zh, found.boundary, found.base_year) == (
        "晨曦包装",
        "financial_control",
        2025,
    )
    assert "晨曦包装" in supplier.get(f"{SET_UP}/").text


@pytest.mark.parametrize(
    ("step", "typed", "field"),
    [
        ("names", {"name_zh": " ", "name_en": "", "credit_code": ""}, "name_zh"),
        (
            "names",
            {"name_zh": "晨曦", "name_en": "", "credit_code": CREDIT_CODE + "X"},
            "credit_code",
        ),
        ("boundary", {"boundary": "nonsense"}, "boundary"),
        ("base-year", {"base_year": "1999"}, "base_year"),
        ("signatory", {"signatory_name": "李雷", "signatory_post": "\u202e"}, "signatory_post"),
    ],
)
def test_set_up_answer_that_is_refused_is_not_kept_and_stays_in_its_box(
    supplier: Browser, database: Database, step: str, typed: dict[str, str], field: str
) -> None:
    before = kept(database)
    answer = supplier.submit(f"{SET_UP}/{step}", typed)
    assert answer.status_code == 422
    assert f'href="#{field}' in answer.text
    boxes = html.fromstring(answer.text).xpath("//main//input[@type='text']")
    assert {box.name: box.value for box in boxes} == {
        box.name: typed.get(box.name, "") for box in boxes
    }
    after = kept(database)
    assert (after.name_zh, after.boundary, after.base_year, after.signatory_post) == (
        before.name_zh,
        before.boundary,
        before.base_year,
        before.signatory_post,
    )


def test_set_up_step_that_there_is_not_is_not_found(supplier: Browser) -> None:
    assert supplier.get(f"{SET_UP}/nonsense").status_code == 404


def test_a_site_is_added_changed_closed_and_opened_again(
    supplier: Browser, database: Database
) -> None:
    new = "/supplier/sites/new"
    assert supplier.submit(new, SITE).location == "/supplier/sites/"
    with database.reading() as session:
        site = session.scalars(select(Site).where(Site.code == "S2")).one()
    path = f"/supplier/sites/{site.uid}"
    assert supplier.submit(path, SITE | {"name_zh": "通辽工厂"}).status_code == 303
    assert "通辽工厂" in supplier.get("/supplier/sites/?lang=zh").text
    for act, is_active in (("close", False), ("open", True)):
        assert supplier.submit(f"{path}/{act}", {}, page="/supplier/sites/").status_code == 303
        with database.reading() as session:
            assert session.get_one(Site, site.id).is_active is is_active


def test_a_taken_code_is_refused_beside_its_box_and_nothing_typed_is_lost(
    supplier: Browser, database: Database
) -> None:
    answer = supplier.submit("/supplier/sites/new", SITE | {"code": "S1"})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert page.xpath("//a[@href='#code']")
    assert page.xpath("//input[@name='name_zh']/@value") == ["赤峰工厂"]
    assert page.xpath("//input[@name='kind'][@checked]/@value") == ["plant"]
    assert page.xpath("//select[@name='province']/option[@selected]/@value") == ["CN-NM"]
    with database.reading() as session:
        assert len(session.scalars(select(Site)).all()) == 1


def test_a_site_in_china_needs_its_province_and_one_abroad_has_none(
    supplier: Browser, database: Database
) -> None:
    assert supplier.submit("/supplier/sites/new", SITE | {"province": ""}).status_code == 422
    abroad = SITE | {"country": "NZ", "province": "CN-NM"}
    assert supplier.submit("/supplier/sites/new", abroad).status_code == 303
    with database.reading() as session:
        site = session.scalars(select(Site).where(Site.code == "S2")).one()
        assert (site.country, site.province) == ("NZ", None)


def test_so_many_sites_and_no_more(supplier: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_SITES", 1)
    answer = supplier.submit("/supplier/sites/new", SITE)
    assert answer.status_code == 422
    assert "Your company has 1 sites" in answer.text


def test_a_site_that_can_not_move_says_so_beside_its_country(
    scene: Scene, supplier: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_REWORKED", -1)
    address = f"/supplier/sites/{scene.sites['M-0001'].uid}"
    answer = supplier.submit(address, SITE | {"code": "S1", "country": "NZ", "province": ""})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert page.xpath("//a[@href='#country']")
    assert page.xpath("//select[@name='country']/option[@selected]/@value") == ["NZ"]


def test_sites_of_others_are_not_there(scene: Scene, supplier: Browser) -> None:
    scene.member("M-0002")
    scene.session.commit()
    bodies = set()
    for uid in (scene.sites["M-0002"].uid, unknown_uid()):
        answer = supplier.get(f"/supplier/sites/{uid}")
        assert answer.status_code == 404
        bodies.add(answer.text.replace(str(uid), ""))
        assert supplier.submit(f"/supplier/sites/{uid}", SITE, page=HOME).status_code == 404
    assert len(bodies) == 1


def test_check_page_lists_what_is_missing_and_submits_nothing(
    supplier: Browser, database: Database
) -> None:
    supplier.submit(f"{YEAR}/open", {}, page=HOME)
    page = supplier.get(f"{YEAR}/check?lang=en").text
    assert "Something is still missing" in page
    answer = supplier.submit(f"{YEAR}/submit", {"declared": "y"}, page=f"{YEAR}/check")
    assert answer.status_code == 422
    with database.reading() as session:
        assert session.scalars(select(Submission)).all() == []


def test_declaration_is_asked_for_and_then_the_year_is_handed_in(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    scene.draft(member)
    scene.session.commit()
    page = html.fromstring(supplier.get(f"{YEAR}/check").text)
    (seen,) = page.xpath("//input[@name='seen']/@value")
    answer = supplier.submit(f"{YEAR}/submit", {"seen": seen}, page=f"{YEAR}/check")
    assert answer.status_code == 422
    assert 'href="#declared"' in answer.text
    answer = supplier.submit(
        f"{YEAR}/submit", {"seen": seen, "declared": "y"}, page=f"{YEAR}/check"
    )
    assert (answer.status_code, answer.location) == (303, YEAR)
    with database.reading() as session:
        handed_in = session.scalars(select(Submission)).one()
    assert states(database, handed_in.uid) == ["submitted"]
    assert handed_in.digest in supplier.get(YEAR).text


def test_waiting_submission_is_taken_back_after_one_more_question(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    submitted = scene.waiting(member)
    scene.session.commit()
    assert supplier.get(f"{YEAR}/withdraw").status_code == 200
    assert states(database, submitted.uid) == ["submitted"]
    assert supplier.submit(f"{YEAR}/withdraw", {}).location == "/supplier/?year=2025"
    assert states(database, submitted.uid) == ["withdrawn"]
    assert supplier.submit(f"{YEAR}/withdraw", {}, page=HOME).status_code == 409


def test_questions_are_answered_in_place_and_open_the_way_to_submit_again(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    scene.returned(member, reason="Please look at January.")
    scene.session.commit()
    page = supplier.get(f"{YEAR}/questions?lang=en").text
    assert "Please look at January." in page
    assert "Why so much?" in page
    assert "Something is still missing" in supplier.get(f"{YEAR}/check?lang=en").text
    (path,) = html.fromstring(page).xpath("//main//form//button/@formaction")
    (box,) = html.fromstring(page).xpath("//main//form//textarea/@name")
    empty = supplier.submit(path, {box: " "}, page=f"{YEAR}/questions")
    assert empty.status_code == 422
    assert f'href="#{box}"' in empty.text
    assert supplier.submit(path, {box: "New shift."}, page=f"{YEAR}/questions").status_code == 303
    with database.reading() as session:
        found = session.scalars(select(Finding)).one()
        assert (found.state, found.answer) == ("answered", "New shift.")
    assert "Something is still missing" not in supplier.get(f"{YEAR}/check?lang=en").text


def test_answers_to_other_questions_are_kept_with_the_one_that_is_sent(
    scene: Scene, member: Member, supplier: Browser, database: Database
) -> None:
    scene.returned(member, questions=3)
    scene.session.commit()
    tree = html.fromstring(supplier.get(f"{YEAR}/questions?lang=en").text)
    first, *_others = tree.xpath("//main//form//button/@formaction")
    boxes = tree.xpath("//main//form//textarea/@name")
    refused = supplier.submit(
        first, {boxes[0]: " ", boxes[1]: "The second."}, page=f"{YEAR}/questions"
    )
    assert refused.status_code == 422
    assert "The second." in refused.text
    sent = supplier.submit(
        first, {boxes[0]: "The first.", boxes[1]: "The second."}, page=f"{YEAR}/questions"
    )
    assert sent.status_code == 303
    with database.reading() as session:
        found = session.scalars(select(Finding).order_by(Finding.at, Finding.id)).all()
    assert [(each.state, each.answer or "") for each in found] == [
        ("answered", "The first."),
        ("answered", "The second."),
        ("open", ""),
    ]


def test_internal_notes_are_never_shown_to_the_supplier(
    scene: Scene, member: Member, supplier: Browser
) -> None:
    submitted = scene.waiting(member)
    finding = scene.ask(submitted, "Looks invented to me.")
    finding.visibility = "internal"
    scene.session.commit()
    for path in (
        HOME,
        YEAR,
        f"{YEAR}/questions",
        f"{YEAR}/lines",
        f"{YEAR}/check",
        f"{YEAR}/warnings",
    ):
        answer = supplier.get(path)
        assert answer.status_code == 200
        assert "invented" not in answer.text
    path = f"{YEAR}/questions/{finding.uid}"
    typed = {f"{finding.uid}-answer": "No."}
    assert supplier.submit(path, typed, page=HOME).status_code == 404
