"""The examples of docs/api.md do what the guide says, against a portal that runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from portal.config.settings import Settings
from portal.domain.actors import Role
from portal.http import clock
from portal.services.work import Work
from portal.store.base import Database
from tests.conventions.source import ROOT
from tests.factories.meters import a_meter
from tests.factories.suppliers import a_member, a_site, actor_of, an_account, an_alliance
from tests.programs import give_token
from tests.serving import served_demo

GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The address of a portal that runs, and a token for it."""
    with served_demo(tmp_path) as running:
        settings = Settings.from_environment(
            {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(tmp_path), "PORT": str(running.port)}
        )
        database = Database(settings.database_url)
        with database.writing() as session:
            alliance = an_alliance(session, years=(2025,))
            member = a_member(session, alliance, "M001", sector="packaging")
            site = a_site(session, member, "S1")
            account = an_account(session, Role.REPORTER, member)
            work = Work(session, actor_of(account), clock.now(), str(account.uid), "")
            a_meter(work, member, site, "M1", starts_on=date(2025, 1, 1))
            session.commit()
        token = give_token(database, account)
        database.dispose()
        yield {
            "PATH": os.environ["PATH"],
            "PORTAL": f"http://127.0.0.1:{running.port}",
            "TOKEN": token,
        }


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", GUIDE)


def test_examples_of_the_guide_run_in_its_order(environ: dict[str, str], tmp_path: Path) -> None:
    answers = [
        json.loads(answer)
        for block in blocks("sh")
        for answer in _objects(_run(["sh", "-e", "-c", block], environ, tmp_path))
    ]
    listed, year, added, readings, months, file = answers

    assert listed == {"items": []}
    assert year["state"] == "draft"
    assert added["lines"][0]["values"]["quantity"] == "1250.5"
    assert readings == {"kept": 2, "repeated": 0, "flags": []}
    assert {each["month"]: each["amount"] for each in months["items"]}["2025-03"] == "1250.5"
    assert file["name"] == "bill.csv"
    [example] = blocks("python")
    said = _run([sys.executable, "-c", example], environ, tmp_path).splitlines()
    assert said[0].startswith("/lines/0/quantity number.")
    assert said[1:] == ["1010.25 Meter 4 2"]


def _run(command: list[str], environ: dict[str, str], folder: Path) -> str:
    ran = subprocess.run(
        command, env=environ, cwd=folder, check=False, capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _objects(text: str) -> list[str]:
    """The JSON objects that several calls have written one behind the other."""
    return text.replace("}{", "}\n{").splitlines()
