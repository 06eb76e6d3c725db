"""The command line: good reading, quick to start, and clear about what is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal.cli import COMMANDS, main
from portal.store.accounts import Account
from portal.store.base import Database

PASSWORD = "nine lanterns over a quiet harbour"


@pytest.fixture
def environ(tmp_path: Path, database_url: str) -> dict[str, str]:
    return {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(tmp_path), "PORTAL_DATABASE_URL": database_url}


def run(*arguments: str, environ: Mapping[str, str] | None = None, typed: str = "") -> Result:
    return CliRunner().invoke(main, arguments, env=environ, input=typed)


def test_help_names_every_command() -> None:
    said = run("--help").output
    for name in COMMANDS:
        assert f"\n  {name}" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    answer = run(name, "--help")
    assert answer.exit_code == 0
    assert answer.output.startswith(f"Usage: main {name}")
    assert len(answer.output.splitlines()) > 5


def test_help_imports_neither_web_nor_database() -> None:
    code = "import sys; from portal.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"flask", "sqlalchemy", "weasyprint", "granian"} & set(loaded)


@pytest.mark.parametrize("name", ["init", "serve", "worker"])
def test_command_says_everything_that_is_missing(name: str) -> None:
    answer = run(name, environ={})
    assert answer.exit_code == 1
    for setting in (
        "PORTAL_SECRET_KEY",
        "PORTAL_PASSWORD_SALT",
        "PORTAL_TOTP_SECRET",
        "PORTAL_BASE_URL",
    ):
        assert f"{setting} is missing" in answer.output


def test_demo_does_not_listen_to_the_whole_network(environ: dict[str, str]) -> None:
    answer = run("serve", "--host", "0.0.0.0", environ=environ)  # noqa: S104 -- refused
    assert answer.exit_code == 1
    assert "doesn't listen on 0.0.0.0" in answer.output


def test_serve_refuses_a_database_without_tables(tmp_path: Path) -> None:
    environ = {"PORTAL_DEMO": "1", "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}
    answer = run("serve", environ=environ)
    assert answer.exit_code == 1
    assert "portal init" in answer.output


def test_init_may_run_again_and_keeps_everything(
    environ: dict[str, str], database: Database
) -> None:
    first = run(
        "init", "--administrator", "ada@example.com", environ=environ, typed=f"{PASSWORD}\n"
    )
    assert first.exit_code == 0, first.output
    assert run("init", environ=environ).exit_code == 0
    with database.reading() as session:
        (account,) = session.scalars(select(Account))
    assert (account.email, [role.name for role in account.roles]) == (
        "ada@example.com",
        ["administrator"],
    )
    assert PASSWORD not in account.password


def test_init_lets_only_the_first_administrator_in(environ: dict[str, str]) -> None:
    run("init", "--administrator", "ada@example.com", environ=environ, typed=f"{PASSWORD}\n")
    second = run(
        "init", "--administrator", "eve@example.com", environ=environ, typed=f"{PASSWORD}\n"
    )
    assert second.exit_code == 1
    assert "There is an administrator already" in second.output


@pytest.mark.parametrize(
    ("address", "password", "says"),
    [
        ("ada", PASSWORD, "no e-mail address"),
        ("ada@example.com", "password2024", "too easy to guess"),
    ],
)
def test_init_refuses_a_bad_administrator(
    environ: dict[str, str], address: str, password: str, says: str
) -> None:
    answer = run("init", "--administrator", address, environ=environ, typed=f"{password}\n")
    assert answer.exit_code == 1
    assert says in answer.output


def test_doctor_finds_nothing_missing_after_init(environ: dict[str, str]) -> None:
    run("init", environ=environ)
    answer = run("doctor", environ=environ)
    assert answer.exit_code == 0, answer.output
    for subject in (
        "python",
        "libraries",
        "fonts",
        "languages",
        "secrets",
        "database",
        "clock",
        "storage",
        "mail",
    ):
        assert f"ok       {subject}" in answer.output


def test_doctor_says_what_is_missing(tmp_path: Path) -> None:
    environ = {
        "PORTAL_DEMO": "1",
        "PORTAL_FOLDER": str(tmp_path / "nowhere"),
        "PORTAL_MAIL_URL": "smtp+plain://127.0.0.1:1",
    }
    answer = run("doctor", environ=environ)
    assert answer.exit_code == 1
    for subject, cure in (
        ("database", "portal init"),
        ("storage", "portal init"),
        ("mail", "PORTAL_MAIL_URL"),
    ):
        (line,) = [line for line in answer.output.splitlines() if f"MISSING  {subject}" in line]
        assert cure in line


def test_doctor_says_when_the_database_cannot_be_reached(tmp_path: Path) -> None:
    url = f"postgresql://portal:opensesame@/portal?host={tmp_path}"
    answer = run("doctor", environ={"PORTAL_DEMO": "1", "PORTAL_DATABASE_URL": url})
    assert answer.exit_code == 1
    assert "can't be reached" in answer.output
    assert "opensesame" not in answer.output


def test_doctor_lists_every_setting() -> None:
    assert run("doctor", "--settings").output.count("PORTAL_") >= 14
