"""The files of docs/operations are what systemd, nginx and Prometheus take, and speak of things that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from portal import counters
from portal.cli import COMMANDS
from portal.cli.figures import Figures
from portal.config.names import DEMO_SECRETS, DESCRIPTION
from portal.config.settings import Settings
from portal.http import clock
from portal.store.base import Database
from portal.store.keys import KeyFolder
from portal.store.stamps import ERRANDS, Stamp, Stamps
from tests.conventions.source import ROOT
from tests.readiness import make_ready

FOLDER = ROOT / "docs" / "operations"
UNITS = sorted([*FOLDER.glob("*.service"), *FOLDER.glob("*.timer")])
SITE = FOLDER / "nginx.conf"
HARDENING = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes"}


def unit(path: Path) -> configparser.RawConfigParser:
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # the way the library documents
    read.read_string(path.read_text("utf-8"))
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_is_what_systemd_takes(path: Path) -> None:
    read = unit(path)
    if path.suffix == ".timer":
        assert path.with_suffix(".service").is_file()
        assert {"OnCalendar", "Persistent"} <= dict(read["Timer"]).keys()
    else:
        service = dict(read["Service"])
        assert HARDENING.items() <= service.items()
        # Whom it may reach is a list; what leaves the machine is added to it by name.
        if path.name != "portal-witness.service":
            assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")
        assert not any(name.startswith("Standard") for name in service), "the journal keeps the log"
        [command] = re.findall(r"/opt/portal/bin/portal (\w+)", service["ExecStart"])
        assert command in COMMANDS
    if shutil.which("systemd-analyze") is None:
        return
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False
    ).stderr
    # What it runs is not installed where the tests run; everything else it says is about the unit.
    wrong = [line for line in said.splitlines() if path.name in line and "executable" not in line]
    assert wrong == []


def test_site_keeps_to_one_hop_sends_nothing_twice_and_logs_no_secret(tmp_path: Path) -> None:
    site = SITE.read_text("utf-8")
    assert "proxy_set_header X-Forwarded-For   $remote_addr;" in site
    assert "proxy_next_upstream   off;" in site
    assert "client_max_body_size    26m;" in site
    [large] = re.findall(r"location ~ (\S+) \{\s+client_max_body_size 101m;", site)
    assert re.fullmatch(large, "/supplier/inventories/2025/tables")
    assert re.findall(r"ssl_protocols +(.*);", site) == ["TLSv1.2 TLSv1.3"] * 2
    [log_format] = re.findall(r"log_format portal(.*?);", site, re.DOTALL)
    assert not re.search(r"\$(request|request_uri|uri|args|query_string|http_\w+)\b", log_format)
    if shutil.which("nginx") and shutil.which("openssl"):
        _ask_nginx(site, tmp_path)


def _ask_nginx(site: str, folder: Path) -> None:
    key, certificate = folder / "privkey.pem", folder / "fullchain.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=portal.example.com",
            "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    here = site.replace("/etc/ssl/portal", str(folder)).replace("/var/log/nginx", str(folder))
    # Looked at only: no port is opened, but the test may not be allowed to take one below 1024.
    here = re.sub(r"listen (\[::\]:)?(80|443)", r"listen \g<1>1\g<2>", here)
    whole = folder / "nginx.conf"
    whole.write_text(
        f"pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\n{here}\n}}\n"
    )
    asked = subprocess.run(
        ["nginx", "-t", "-c", whole, "-p", folder], capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr


def test_environment_file_has_no_password_and_nothing_that_others_read_on_the_way() -> None:
    given = dict(
        re.findall(r"^(PORTAL_\w+)=(.*)$", (FOLDER / "portal.env").read_text("utf-8"), re.M)
    )

    assert given["PORTAL_DATABASE_URL"] == "postgresql://portal@/portal?host=/run/postgresql"
    assert "@" not in given["PORTAL_MAIL_URL"]
    assert given["PORTAL_METRICS"].isdigit()
    assert [name for name in DEMO_SECRETS if given[name]] == []


def test_log_leaves_the_machine_by_tls_and_is_kept_for_thirty_days() -> None:
    upload, journal = (
        unit(FOLDER / name) for name in ("journal-upload.conf", "journald-portal.conf")
    )

    sent = dict(upload["Upload"])
    assert sent["URL"].startswith("https://")
    assert {"ServerKeyFile", "ServerCertificateFile", "TrustedCertificateFile"} <= sent.keys()
    assert dict(journal["Journal"]) == {
        "Storage": "persistent",
        "Seal": "yes",
        "MaxRetentionSec": "30day",
    }


def test_environment_file_names_settings_that_exist() -> None:
    named = re.findall(r"^(PORTAL_\w+)=", (FOLDER / "portal.env").read_text("utf-8"), re.MULTILINE)

    assert len(named) > 8
    assert set(named) <= DESCRIPTION.keys()


def test_alerts_ask_for_figures_that_exist_and_are_explained(
    database: Database, settings: Settings
) -> None:
    rules = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"\bportal_\w+", rule["expr"])}
    explained = (ROOT / "docs" / "operations.md").read_text("utf-8")

    assert len(rules) >= 12
    assert asked - _figures(database, settings) == set()
    assert [rule["alert"] for rule in rules if f"`{rule['alert']}`" not in explained] == []
    assert [rule["alert"] for rule in rules if f"`{rule['expr']}`" not in explained] == []


def _figures(database: Database, settings: Settings) -> set[str]:
    moment = clock.now()
    make_ready(database, settings.storage, moment)
    KeyFolder(settings.keys).lay(settings.origin, moment)
    for errand in ERRANDS:
        Stamps(settings.folder).put(Stamp(errand, moment, 0))
    counters.REQUESTS.labels("security", "2xx").observe(0.1)
    counters.EVENTS.labels("bug").inc()
    counters.STARTS.labels("web").inc()
    registry = CollectorRegistry()
    figures = Figures.of(settings, clock.now)
    registry.register(figures)
    exposed = generate_latest(registry).decode() + generate_latest(counters.OWN).decode()
    figures.database.dispose()
    found = {s.name for f in text_string_to_metric_families(exposed) for s in f.samples}
    # One clock can't differ from itself: on SQLite there is no such figure.
    return found | {"portal_clock_difference_seconds"}
