"""Evidence as a supplier's browser meets it: uploaded, attached to many lines, handed out, taken away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from PIL import Image
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.domain.evidence import LARGEST_TOTAL_A_MEMBER
from portal.http import clock
from portal.services import evidence
from portal.store.accounts import Account, account_role
from portal.store.base import Database
from portal.store.blobs import Blobs
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member
from portal.store.sessions import WebSession
from portal.web.supplier import evidence as pages
from tests.browsers import Browser
from tests.corpus import CASES, CORPUS
from tests.factories.suppliers import (
    a_member,
    a_site,
    an_account,
    an_alliance,
)

TABLE = "/supplier/inventories/2025/lines"
TYPES = {"png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf", "csv": "text/csv"}
CSV = b"month,kWh\n2025-01,100\n"


@dataclass
class Scene:
    database: Database
    settings: Settings
    browser: Browser
    stranger: Browser
    coordinator: Browser
    member: Member

    def lines(self, *, foreign: bool = False) -> list[ActivityLine]:
        """The member's lines, or the stranger's."""
        mine = Inventory.member_id == self.member.id
        query = (
            select(ActivityLine)
            .join(Inventory, Inventory.id == ActivityLine.inventory_id)
            .where(~mine if foreign else mine)
            .order_by(ActivityLine.position)
        )
        with self.database.reading() as session:
            return list(session.scalars(query))

    def files(self) -> list[Evidence]:
        with self.database.reading() as session:
            return list(session.scalars(select(Evidence).order_by(Evidence.id)))

    def links(self) -> int:
        with self.database.reading() as session:
            return session.scalars(select(func.count()).select_from(LineEvidence)).one()

    def blobs(self) -> list[str]:
        return list(Blobs(self.settings.storage).digests())

    def upload(
        self, *contents: tuple[bytes, str], line: int = 0, script: bool = False, **more: str
    ) -> TestResponse:
        address = f"{TABLE}/{self.lines()[line].key}/evidence"
        data: dict[str, Any] = {
            "file": [(BytesIO(content), name) for content, name in contents],
            "csrf_token": self.browser.token(address),
            **more,
        }
        headers = {"Accept": "application/json"} if script else {}
        return self.browser.post(address, data, content_type="multipart/form-data", headers=headers)


ACCEPTED = [
    case
    for case in CASES
    if (case["slot"], case["expect"])
    in {("evidence", "accept_file"), ("evidence", "accept_file_flagged"), ("import", "import_ok")}
]


@pytest.fixture
def scene(database: Database, settings: Settings, log_in: Callable[[Account], Browser]) -> Scene:
    with database.writing() as session:
        alliance = an_alliance(session, years=(2024, 2025))
        member = a_member(session, alliance, "M001", sector="packaging")
        other = a_member(session, alliance, "M002", sector="packaging")
        a_site(session, member, "S1")
        a_site(session, other, "X1")
        people = [an_account(session, Role.REPORTER, owner) for owner in (member, other)]
        coordinator = an_account(session, Role.COORDINATOR, None)
        coordinator.tf_primary_method, coordinator.tf_totp_secret = "authenticator", "set"
        session.commit()
    browsers = [log_in(person) for person in (*people, coordinator)]
    made = Scene(database, settings, *browsers, member)
    for browser, site in ((made.browser, "S1"), (made.stranger, "X1")):
        browser.submit("/supplier/inventories/2025/open", {}, page="/account/")
        months = {
            f"lines-{month}-{name}": value
            for month in range(3)
            for name, value in {
                "category": "electricity.grid",
                "quantity": str(100 + month),
                "unit": "kWh",
                "period": f"2025-{month + 1:02d}",
                "site": site,
            }.items()
        }
        assert browser.submit(TABLE, {**months, "act": "continue"}).status_code == 303
    return made


def test_uploaded_file_is_kept_once_and_betters_the_grade(scene: Scene) -> None:
    before = scene.lines()[0].quality
    answer = scene.upload((CSV, "January.csv"))
    assert answer.status_code == 303
    (row,) = scene.files()
    assert (row.name, row.size, row.media_type) == ("January.csv", len(CSV), "text/csv")
    assert scene.blobs() == [row.sha256] == [hashlib.sha256(CSV).hexdigest()]
    line = scene.lines()[0]
    assert line.quality is not None
    assert before is not None
    assert line.quality < before
    assert line.version == 1
    assert "January.csv" in scene.browser.get(TABLE).text


def test_same_bytes_again_are_the_same_file(scene: Scene) -> None:
    scene.upload((CSV, "January.csv"))
    scene.upload((CSV, "copy.csv"), line=1)
    assert [row.name for row in scene.files()] == ["January.csv"]
    assert scene.links() == 2


def test_one_file_supports_all_bare_lines_of_its_series(scene: Scene) -> None:
    scene.upload((CSV, "meter.csv"), series="y")
    assert scene.links() == 3
    assert (
        "series.evidence.missing"
        not in scene.browser.get("/supplier/inventories/2025/warnings").text
    )


def test_bad_file_is_refused_in_plain_words_and_leaves_nothing(scene: Scene) -> None:
    answer = scene.upload((b"GIF89a......", "bill.pdf"))
    assert answer.status_code == 422
    assert "bill.pdf" in answer.text
    assert (scene.files(), scene.blobs(), scene.links()) == ([], [], 0)
    assert list((scene.settings.storage / "incoming").glob("*")) == []


def test_refused_file_does_not_stop_the_good_one(scene: Scene) -> None:
    answer = scene.upload((CSV, "good.csv"), (b"GIF89a", "bad.png"))
    assert answer.status_code == 303
    assert [row.name for row in scene.files()] == ["good.csv"]
    assert "bad.png" in scene.browser.get(answer.headers["Location"]).text


def test_script_is_answered_in_json(scene: Scene) -> None:
    good = scene.upload((CSV, "good.csv"), script=True)
    assert json.loads(good.text)["next"].endswith("/evidence")
    bad = scene.upload((b"GIF89a", "bad.png"), script=True)
    assert bad.status_code == 422
    assert "bad.png" in json.loads(bad.text)["message"]


def test_no_file_is_asked_for(scene: Scene) -> None:
    assert scene.upload((b"", "")).status_code == 422


def test_too_many_files_at_once_are_refused(scene: Scene) -> None:
    answer = scene.upload(*[(CSV, f"{place}.csv") for place in range(21)])
    assert answer.status_code == 422
    assert scene.files() == []


def test_hourly_limit_answers_429(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_AN_HOUR", 1)
    scene.upload((CSV, "first.csv"))
    answer = scene.upload((CSV + b"2025-02,5\n", "second.csv"))
    assert answer.status_code == 429
    assert len(scene.files()) == 1


def test_files_that_are_refused_or_there_already_are_counted_before_anybody_looks(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "MOST_LOOKS_AN_HOUR", 3)
    looks: list[str] = []
    looked_into = evidence.inspect
    monkeypatch.setattr(
        evidence,
        "inspect",
        lambda path, name, **more: looks.append(name) or looked_into(path, name, **more),
    )
    assert scene.upload((CSV, "first.csv")).status_code == 303
    assert scene.upload((CSV, "first.csv")).status_code == 303
    assert scene.upload((b"MZ\x90", "second.csv")).status_code == 422
    assert scene.upload((CSV, "first.csv")).status_code == 429
    assert len(looks) == 3


def test_series_is_attached_in_parts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_LINKS_AT_ONCE", 1)
    answer = scene.upload((CSV, "first.csv"), series="y")
    assert answer.status_code == 303
    assert "Not every line of this source" in scene.browser.get(f"{answer.location}?lang=en").text


def test_store_is_full_for_the_member_that_filled_it_and_for_no_other(scene: Scene) -> None:
    scene.upload((CSV, "first.csv"))
    with scene.database.writing() as session:
        session.execute(update(Evidence).values(size=LARGEST_TOTAL_A_MEMBER))
        session.commit()
    address = f"{TABLE}/{scene.lines(foreign=True)[0].key}/evidence"
    data = {"file": (BytesIO(CSV), "theirs.csv"), "csrf_token": scene.stranger.token(address)}

    full = scene.upload((CSV + b"2025-02,5\n", "second.csv"))
    theirs = scene.stranger.post(address, data, content_type="multipart/form-data")

    assert (full.status_code, theirs.status_code) == (413, 303)
    assert [row.name for row in scene.files()] == ["first.csv", "theirs.csv"]


def test_file_is_handed_out_as_it_came_and_only_as_an_attachment(scene: Scene) -> None:
    scene.upload((CSV, "账单 1月.csv"))
    (row,) = scene.files()
    answer = scene.browser.get(f"/supplier/evidence/{row.uid}")
    assert answer.data == CSV
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%E8%B4%A6%E5%8D%95" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_every_kind_of_file_is_handed_out_to_the_byte(scene: Scene) -> None:
    sent = {name: content for content, name in samples()}
    assert scene.upload(*samples()).status_code == 303
    handed_out = {}
    for row in scene.files():
        answer = scene.browser.get(f"/supplier/evidence/{row.uid}")
        handed_out[row.name] = answer.data
        assert hashlib.sha256(answer.data).hexdigest() == row.sha256
        assert answer.mimetype == TYPES[row.name.rpartition(".")[2]]
    assert handed_out == sent


@pytest.mark.skipif(not ACCEPTED, reason="the corpus of bad inputs is not beside this checkout")
def test_every_file_of_the_corpus_that_is_taken_comes_back_to_the_byte(scene: Scene) -> None:
    sent: dict[str, bytes] = {}
    for case in ACCEPTED:
        content = (CORPUS / case["file"]).read_bytes()
        name = case["upload_name"]
        kept = scene.upload((content, name)).status_code == 303
        assert kept or content in sent.values(), name
        sent[hashlib.sha256(content).hexdigest()] = content
    for row in scene.files():
        assert scene.browser.get(f"/supplier/evidence/{row.uid}").data == sent[row.sha256]
    assert {row.sha256 for row in scene.files()} == set(sent)
    assert any(row.name.endswith(".xlsx") for row in scene.files())


def test_no_part_of_a_file_is_handed_out(scene: Scene) -> None:
    """Parts would let one request ask for the same bytes many times over."""
    scene.upload((CSV, "bill.csv"))
    (row,) = scene.files()
    for parts in ("bytes=0-3", "bytes=0-1,2-3,4-5", "bytes=-1"):
        answer = scene.browser.get(f"/supplier/evidence/{row.uid}", headers={"Range": parts})
        assert (answer.status_code, answer.data) == (200, CSV)
        assert "Content-Range" not in answer.headers


def samples() -> list[tuple[bytes, str]]:
    """A sound file of each kind that needs no workbook, with what a re-encoding would lose."""
    picture, exif = Image.new("RGB", (8, 8), "teal"), Image.Exif()
    exif[0x013B] = "韩梅梅"
    png, jpeg, paper = BytesIO(), BytesIO(), BytesIO()
    picture.save(png, "PNG", exif=exif)
    picture.save(jpeg, "JPEG", exif=exif)
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(paper)
    table = "月份,千瓦时\r\n一月,100\r\n".encode("gb18030")
    files = {"a.png": png, "b.jpg": jpeg, "c.pdf": paper, "d.csv": BytesIO(table)}
    return [(file.getvalue(), name) for name, file in files.items()]


def test_foreign_file_is_answered_like_an_unknown_one(scene: Scene) -> None:
    scene.upload((CSV, "secret.csv"))
    (row,) = scene.files()
    for address in (f"/supplier/evidence/{row.uid}", f"/supplier/evidence/{row.uid}/remove"):
        send = scene.stranger.get if not address.endswith("remove") else scene.stranger.post
        token = {"data": {"csrf_token": scene.stranger.token(TABLE)}} if "remove" in address else {}
        assert send(address, **token).status_code == 404
    theirs = scene.lines(foreign=True)[0]
    address = f"{TABLE}/{theirs.key}/evidence"
    answer = scene.stranger.submit(f"{address}/attach", {"evidence": str(row.uid)}, page=address)
    assert answer.status_code == 404
    assert scene.links() == 1


def test_coordinator_reads_a_members_file(scene: Scene) -> None:
    scene.upload((CSV, "bill.csv"))
    (row,) = scene.files()
    address = f"/coordinator/members/{scene.member.uid}/evidence/{row.uid}"
    assert scene.coordinator.get(address).data == CSV


def test_file_that_is_here_already_is_attached_and_taken_away(scene: Scene) -> None:
    scene.upload((CSV, "bill.csv"))
    (row,) = scene.files()
    second = f"{TABLE}/{scene.lines()[1].key}/evidence"
    scene.browser.submit(f"{second}/attach", {"evidence": str(row.uid)}, page=second)
    assert scene.links() == 2
    answer = scene.browser.submit(f"{second}/{row.uid}/detach", {}, page=second)
    assert answer.status_code == 303
    assert scene.links() == 1
    assert len(scene.files()) == 1


def test_file_in_use_stays_and_a_spare_one_goes(scene: Scene) -> None:
    scene.upload((CSV, "bill.csv"))
    (row,) = scene.files()
    remove = f"/supplier/evidence/{row.uid}/remove"
    assert scene.browser.submit(remove, {}, page=TABLE).status_code == 409
    line = f"{TABLE}/{scene.lines()[0].key}/evidence"
    scene.browser.submit(f"{line}/{row.uid}/detach", {}, page=line)
    assert scene.browser.submit(remove, {}, page=TABLE).status_code == 303
    assert scene.files() == []
    with scene.database.reading() as session:
        assert evidence.orphans(session, Blobs(scene.settings.storage)) == [row.sha256]


def test_submitted_year_takes_no_more_files(scene: Scene) -> None:
    with scene.database.writing() as session:
        session.execute(update(Inventory).values(state="submitted"))
        session.commit()
    address = f"{TABLE}/{scene.lines()[0].key}/evidence"
    data = {
        "file": [(BytesIO(CSV), "late.csv")],
        "csrf_token": scene.browser.token("/account/"),
    }
    answer = scene.browser.post(address, data, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert (scene.files(), scene.links()) == ([], 0)


def test_nobody_waits_for_a_file_that_is_looked_into(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    inspect = evidence.inspect

    def slowly(*arguments: Any, **options: Any) -> Any:
        with scene.database.writing() as session:  # somebody else saves meanwhile
            session.execute(update(Inventory).values(note="meanwhile"))
            session.commit()
            written.append("kept")
        return inspect(*arguments, **options)

    monkeypatch.setattr(evidence, "inspect", slowly)
    assert scene.upload((CSV, "bill.csv")).status_code == 303
    assert written == ["kept"]


def _ended(scene: Scene) -> Any:
    return update(WebSession).values(ended_at=clock.now())


def _without_role(scene: Scene) -> Any:
    return delete(account_role)


def _inactive(scene: Scene) -> Any:
    return update(Account).where(Account.member_id == scene.member.id).values(active=False)


@pytest.mark.parametrize(
    ("losing", "status"), [(_ended, 401), (_without_role, 403), (_inactive, 403)]
)
def test_nothing_is_kept_for_whoever_lost_the_right_while_the_file_was_looked_into(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, losing: Callable[[Scene], Any], status: int
) -> None:
    inspect = evidence.inspect

    def slowly(*arguments: Any, **options: Any) -> Any:
        with scene.database.writing() as session:
            session.execute(losing(scene))
            session.commit()
        return inspect(*arguments, **options)

    monkeypatch.setattr(evidence, "inspect", slowly)
    assert scene.upload((CSV, "bill.csv")).status_code == status
    assert (scene.files(), scene.links()) == ([], 0)


def test_files_behind_those_that_took_too_long_are_not_looked_into(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LONGEST_LOOKING_SECONDS", 0)
    answer = scene.upload((CSV, "first.csv"), (CSV + b"2025-02,5\n", "second.csv"))
    assert [row.name for row in scene.files()] == ["first.csv"]
    assert "“second.csv” was not looked into" in scene.browser.get(answer.location).text
