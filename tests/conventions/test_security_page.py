"""What docs/security.md says of limits, ways in, keys, roles and events is what the portal does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from flask import Flask

from portal.api import bearers
from portal.app import create_app
from portal.config.reading import LEAST_SECRET_BYTES
from portal.config.settings import Settings
from portal.domain import tokens
from portal.domain.actors import ROLE_NAMES
from portal.domain.certificates import CODE_BYTES
from portal.intake.passwords import CONTEXT_WORDS, LONGEST, SHORTEST
from portal.services import passwords, secret_links
from portal.store.backup import sealing
from portal.store.base import Database
from portal.store.keys import RSA_BITS
from portal.web import sessions, throttle
from portal.web.access import ACCESS, Kind
from tests.conventions.source import ROOT, modules, spelled
from tests.keys import shared_keys

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CRYPTOGRAPHY = {
    "argon2", "cryptography", "hashlib", "hmac", "itsdangerous", "passlib", "pyhanko", "secrets", "ssl", "webauthn",
}  # fmt: skip
# Public pages that take something and guard nothing by a secret: leaving, and the library's page that asks who it is.
NOTHING_TO_GUESS = {"security.logout", "security.two_factor_setup"}
# Only for people: the demo's cast and story, which guard nothing.
NO_SECRETS = ("portal/cli/scenery/", "portal/cli/demo.py")


def section(title: str) -> str:
    """A section of the page."""
    [found] = re.findall(rf"(?ms)^## {re.escape(title)}$(.*?)(?=^## |\Z)", PAGE)
    return str(found)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("security")
    settings = Settings.from_environment({"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(folder)})
    return create_app(settings, Database(settings.database_url))


def imported(tree: ast.Module) -> set[str]:
    """The packages that a module imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_every_module_with_cryptography_stands_in_the_inventory() -> None:
    named = set(re.findall(r"`(portal/[\w/]+\.py)`", section("Keys and algorithms")))
    used = {
        module.path
        for module in modules()
        if not module.path.startswith(NO_SECRETS) and imported(module.tree) & CRYPTOGRAPHY
    }

    assert len(used) > 25
    assert used - named == set(), "say in docs/security.md what these use cryptography for"
    assert {path for path in named if not (ROOT / path).is_file()} == set()


def test_every_page_where_a_secret_opens_something_counts_its_tries(app: Flask) -> None:
    sending = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        and ACCESS[rule.endpoint].kind is Kind.PUBLIC
    }

    assert sending - throttle.COUNTED.keys() == NOTHING_TO_GUESS
    for path in ("/login", "/login/passkey", "/login/code", "/login/recovery", "/account/confirm",
                 "/login/forgotten", "/login/reset/", "/invitation/"):  # fmt: skip
        assert f"`{path}" in section("Ways in"), path


def test_limits_are_those_that_are_written_down() -> None:
    text = section("Guessing")
    codes = ", ".join(f"{most}" for most, _ in throttle.CODES)

    assert f"{throttle.FAILURES} in 5 minutes for an account" in text
    assert f"{throttle.FAILURES_IN_ALL:,} for the portal" in text
    assert codes == "5, 20, 50"
    assert "5 in 5 minutes, 20 an hour, 50 a day" in text
    assert f"{throttle.RESETS_A_DAY} a day for an address" in text
    assert f"{throttle.REQUESTS_OF_ADDRESS} in 5 minutes for a network address" in text
    assert f"{throttle.VERIFICATIONS} a minute for a network address" in text
    site = (ROOT / "docs" / "operations" / "nginx.conf").read_text(encoding="utf-8")
    assert "rate=50r/s" in site
    assert "burst=200" in site


def test_limits_of_programs_are_those_that_are_written_down() -> None:
    text = section("Guessing")

    assert (
        f"{bearers.REQUESTS_A_MINUTE} a minute for a token, {bearers.REQUESTS_OF_ACCOUNT:,} for all"
        in text
    )
    assert f"{bearers.REFUSED_A_MINUTE} a minute for a network address" in text
    ways = section("Ways in")
    assert f"{tokens.SECRET_BYTES * 8} random bits" in ways
    assert f"`{tokens.PREFIX}`" in ways
    assert [scope for scope in tokens.Scope if f"`{scope}`" not in section("Who may do what")] == []


def test_words_that_passwords_may_not_be_made_of_are_written_down() -> None:
    text = section("Passwords")

    assert [word for word in sorted(CONTEXT_WORDS) if not re.search(rf"\b{word}\b", text)] == []
    assert (SHORTEST, LONGEST) == (12, 128)


def test_times_of_sessions_are_those_that_are_written_down() -> None:
    text = section("Sessions")

    assert f"{sessions.IDLE_MINUTES} minutes without use" in text
    assert f"administrators: {sessions.IDLE_MINUTES_ADMINISTRATOR}" in text
    assert f"after {sessions.ABSOLUTE.total_seconds() / 3600:.0f} hours" in text


def test_every_role_is_written_down() -> None:
    assert [role for role in ROLE_NAMES if f"| {role} |" not in section("Who may do what")] == []


def test_keys_are_long_enough() -> None:
    folder = shared_keys()
    key, certificate, _ = pkcs12.load_key_and_certificates(
        (folder / "signer.p12").read_bytes(), (folder / "signer.pass").read_bytes().strip()
    )
    ca = load_pem_private_key((folder / "ca.key").read_bytes(), None)

    assert isinstance(key, RSAPrivateKey)
    assert isinstance(ca, RSAPrivateKey)
    assert key.key_size == ca.key_size == RSA_BITS == 3072
    assert key.public_key().public_numbers().e == 65537
    assert certificate is not None
    assert certificate.signature_hash_algorithm is not None
    assert certificate.signature_hash_algorithm.name == "sha256"
    assert LEAST_SECRET_BYTES * 8 >= 256
    assert sessions.ID_BYTES * 8 >= 128
    assert secret_links.LEAST_CHARACTERS * 6 >= 128
    assert CODE_BYTES * 8 == 80, "the decision about it is written down for this length"


def test_passwords_are_hashed_by_argon2id_at_least_as_slowly_as_advised() -> None:
    hashed = passwords.hash_password("forty-two cows on a quiet meadow", "salt" * 10)

    [(version, memory, passes, lanes)] = re.findall(
        r"^\$argon2id\$v=(\d+)\$m=(\d+),t=(\d+),p=(\d+)\$", hashed
    )
    assert int(version) == 19
    assert int(memory) >= 19 * 1024
    assert int(passes) >= 2
    assert int(lanes) == 1
    assert passwords.hash_password("forty-two cows on a quiet meadow", "salt" * 10) != hashed


def test_backups_stretch_their_passphrase_as_advised() -> None:
    assert sealing.USUAL_WORK >= 17  # 128 MiB
    assert sealing.SALT >= 16
    [call] = [
        call
        for module in modules("portal/store/backup")
        for call in module.calls()
        if spelled(call.func) == "Scrypt"
    ]
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    assert given["n"].startswith(("1 <<", "2 **", "2**", "1<<")), given
    assert {"salt", "length", "r", "p"} <= given.keys()


def test_the_log_is_written_to_the_journal_only() -> None:
    handlers = {
        spelled(call.func)
        for module in modules()
        for call in module.calls()
        if re.search(r"Handler$", spelled(call.func)) and "logging" in spelled(call.func)
    }

    written_to = {
        ast.unparse(call.args[0])
        for module in modules()
        for call in module.calls()
        if spelled(call.func) in ("events.write_to", "logs.write_lines")
    }
    assert handlers == {"logging.StreamHandler"}
    assert written_to == {"sys.stderr"}


def test_every_event_of_the_written_list_is_one_that_is_logged() -> None:
    listed = re.search(r"(?s)Events that tell of attacks:(.*?)\n\n", section("Logs"))
    assert listed is not None
    named = set(re.findall(r"`([\w.]+\.[\w]+|refused|bug)`", listed[1]))
    said = {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # Put together: whose outage it is and which, what became of a job.
    composed = {"database.away", "machine.full", "job.put_off"}

    assert len(named) > 12
    assert named - said == composed
    told = {
        call.args[0].value
        for door in ("portal/web", "portal/api")
        for module in modules(door)
        for call in module.calls()
        if spelled(call.func) == "events.log"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert {each for each in told if "refused" in each or "failed" in each} - named <= {
        "session.keep_failed"
    }
