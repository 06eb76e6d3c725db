"""The programme: administrators change target and roadmap in the browser, a file changes all of it, versions are kept."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal import data
from portal.cli import main
from portal.domain.actors import Role
from portal.domain.programmes import read_programme
from portal.domain.refusals import Conflict, Forbidden
from portal.services import programmes
from portal.services.programme_reading import MOST_PHASES, PHASE_FIELDS
from portal.services.programmes import in_force
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.programmes import ProgrammeVersion
from tests.browsers import Browser
from tests.factories.scenes import Scene, staff
from tests.factories.suppliers import an_alliance, work_of

EXAMPLE = Path(__file__).parents[2] / "docs" / "programme.toml"
PAGE, CHANGE = "/coordinator/programme", "/coordinator/programme/change"


def typed(**changes: str) -> dict[str, Any]:
    """The shipped target and its roadmap as the form sends them."""
    raw = data.load_programme()
    target = {name: str(raw["target"][name]) for name in ("pathway", "part", "target_year", "percent", "net_zero_year")}  # fmt: skip
    phases = {
        f"phases-{place}-{name}": str(value)
        for place, phase in enumerate(raw["phase"])
        for name, value in phase.items()
    }
    blank = {f"phases-{place}-{name}": "" for place in range(MOST_PHASES) for name in PHASE_FIELDS}
    return {**target, "scopes": ["1", "2"], "version": "0", **blank, **phases, **changes}


@pytest.fixture
def administrator(scene: Scene, log_in: Callable[..., Browser]) -> Browser:
    """Somebody who may change settings."""
    account = staff(scene.session, Role.ADMINISTRATOR)
    scene.session.commit()
    return log_in(account)


def kept(scene: Scene) -> list[ProgrammeVersion]:
    scene.session.rollback()
    found = list(scene.session.scalars(select(ProgrammeVersion).order_by(ProgrammeVersion.number)))
    scene.session.rollback()
    return found


def test_page_shows_target_roadmap_and_the_rules_of_levels(coordinator: Browser) -> None:
    page = coordinator.get(f"{PAGE}?lang=en").text
    for words in (
        "The programme that the portal comes with",
        "Lay the ground",
        "Among the top 20 per cent of members by cut",
        "Place among the members, top per cent (at most 20)",
        "Nobody has changed the programme yet.",
        "at least one action is in progress or done",
    ):
        assert words in page
    assert CHANGE not in page
    assert coordinator.get(CHANGE).status_code == 403


def test_changed_target_and_roadmap_become_the_next_version(
    scene: Scene, administrator: Browser
) -> None:
    changed = typed(percent="50", **{"phases-1-percent": "70", "phases-2-until": "2051"})
    answer = administrator.submit(CHANGE, changed)
    assert (answer.status_code, answer.location) == (303, PAGE)
    (version,) = kept(scene)
    programme = read_programme(version.content)
    shipped = read_programme(data.load_programme())
    assert (programme.target.percent, programme.target.target_year) == (50, 2030)
    assert [(p.until, p.percent) for p in programme.phases] == [(2030, 30), (2040, 70), (2051, 90)]
    assert programme.levels == shipped.levels
    assert scene.session.scalars(
        select(LedgerEntry.detail).where(LedgerEntry.kind == "programme.changed")
    ).one() == {"number": 1}
    scene.session.rollback()
    page = administrator.get(f"{PAGE}?lang=en").text
    assert "Version 1" in page
    assert "Administrator" in page


def test_phase_left_empty_is_taken_out_and_one_more_is_added(
    scene: Scene, administrator: Browser
) -> None:
    gone = {f"phases-2-{name}": "" for name in PHASE_FIELDS}
    more = {"phases-4-until": "2045", "phases-4-percent": "80", "phases-4-name_zh": "四", "phases-4-name_en": "Four", "phases-4-text_zh": "四", "phases-4-text_en": "Four"}  # fmt: skip
    assert administrator.submit(CHANGE, typed(**gone, **more)).status_code == 303
    phases = read_programme(kept(scene)[0].content).phases
    assert [phase.until for phase in phases] == [2030, 2040, 2045]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": "a lot"}, "percent"),
        ({"percent": "130"}, "percent"),
        ({"net_zero_year": "2029"}, "net_zero_year"),
        ({"pathway": "compound", "percent": "100"}, "percent"),
        ({"pathway": "magic"}, "pathway"),
        ({"phases-1-until": "2030"}, "phases-1-until"),
        ({"phases-1-percent": "20"}, "phases-1-until"),
        ({"phases-1-name_en": ""}, "phases-1-name_en"),
        ({"phases-5-until": "2060"}, "phases-5-percent"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    scene: Scene, administrator: Browser, changes: dict[str, str], field: str
) -> None:
    answer = administrator.submit(CHANGE, typed(**{"phases-0-name_en": "First of all", **changes}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "First of all" in answer.text
    assert kept(scene) == []


def test_change_of_a_version_that_no_longer_holds_is_shown_to_be_compared(
    scene: Scene, administrator: Browser
) -> None:
    assert administrator.submit(CHANGE, typed(percent="50")).status_code == 303
    late = administrator.submit(CHANGE, typed(percent="60"))
    assert late.status_code == 409
    assert 'value="60"' in late.text
    assert 'name="version" type="hidden" value="1"' in late.text
    assert len(kept(scene)) == 1
    assert administrator.submit(CHANGE, typed(percent="60", version="1")).status_code == 303
    assert [version.number for version in kept(scene)] == [1, 2]


def test_two_changes_at_once_leave_one_version(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_of(scene.session, staff(scene.session, Role.ADMINISTRATOR))
    content = {**data.load_programme(), "cost": {"discount_rate": "0.05"}}
    version = programmes.change(work, scene.alliance, content)
    scene.session.add(
        ProgrammeVersion(alliance_id=scene.alliance.id, number=2, content=content, made_at=work.moment)
    )  # fmt: skip
    scene.session.flush()
    assert version.number == 1
    stale = programmes.InForce(1, version.programme, version.content)
    monkeypatch.setattr(programmes, "in_force", lambda *_: stale)
    with pytest.raises(Conflict):
        programmes.change(work, scene.alliance, data.load_programme())


def test_coordinator_does_not_change_the_programme(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        programmes.change(scene.as_coordinator(), scene.alliance, data.load_programme())


@pytest.fixture
def command(tmp_path: Path, database_url: str) -> Callable[..., Result]:
    environ = {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(tmp_path), "PORTAL_DATABASE_URL": database_url}  # fmt: skip

    def run(text: str) -> Result:
        file = tmp_path / "programme.toml"
        file.write_text(text, encoding="utf-8")
        return CliRunner().invoke(main, ["programme", str(file)], env=environ)

    return run


def test_example_is_the_shipped_programme() -> None:
    assert tomllib.loads(EXAMPLE.read_text(encoding="utf-8")) == data.load_programme()


def test_command_puts_a_file_in_force_and_the_same_again_changes_nothing(
    database: Database, command: Callable[..., Result]
) -> None:
    with database.writing() as session:
        alliance_id = an_alliance(session, years=(2025,)).id
        session.commit()
    example = EXAMPLE.read_text(encoding="utf-8")
    assert "Version 0 holds already" in command(example).output
    changed = example.replace('at_most = "3.5"', "at_most = 2.25")
    assert "Version 1 holds now" in command(changed).output
    assert "Version 1 holds already" in command(changed).output
    with database.reading() as session:
        programme = in_force(session, alliance_id).programme
    assert str(programme.levels[-1].criteria[-1].at_most) == "2.25"


@pytest.mark.parametrize("wrong", ["[target", 'a = "b"'])
def test_command_says_what_is_wrong_with_a_file(
    database: Database, command: Callable[..., Result], wrong: str
) -> None:
    with database.writing() as session:
        an_alliance(session, years=(2025,))
        session.commit()
    answer = command(wrong)
    assert answer.exit_code == 1
    assert "programme" in answer.output


def test_command_before_there_is_an_alliance_is_refused(command: Callable[..., Result], database: Database) -> None:  # fmt: skip
    answer = command(EXAMPLE.read_text(encoding="utf-8"))
    assert answer.exit_code == 1
    assert "portal alliance" in answer.output
