"""Settings are checked all at once, say what to do, and never show a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.config.names import DEMO_SECRETS, DESCRIPTION
from portal.config.settings import Settings, SettingsError

KEY = "k3Yq-8s0Zp1Lr9vXw2Bn7Tm4Hc6Jd5Gf"
GOOD = {
    "PORTAL_SECRET_KEY": KEY,
    "PORTAL_PASSWORD_SALT": KEY[::-1],
    "PORTAL_TOTP_SECRET": KEY.swapcase(),
    "PORTAL_BASE_URL": "https://portal.example.com",
}


def problems_of(**changes: str | None) -> tuple[str, ...]:
    environ = {name: text for name, text in (GOOD | changes).items() if text is not None}
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(environ)
    return raised.value.problems


def test_defaults_when_only_the_required_ones_are_given() -> None:
    settings = Settings.from_environment(GOOD | {"PORTAL_FOLDER": "/srv/portal"})
    assert settings.database_url == "sqlite:////srv/portal/portal.sqlite3"
    assert settings.storage == Path("/srv/portal/storage")
    assert settings.mail.folder == Path("/srv/portal/mail")
    assert settings.mail_from == "no-reply@portal.example.com"
    assert settings.timezone.key == "Asia/Shanghai"
    assert settings.trusted_hosts == ("portal.example.com",)
    assert settings.is_https
    assert not settings.demo
    assert settings.trusted_proxies == 0


def test_everything_missing_is_said_at_once_with_what_to_do() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment({})
    said = raised.value.problems
    for name in (*DEMO_SECRETS, "PORTAL_BASE_URL"):
        assert any(problem.startswith(f"{name} is missing") for problem in said)
    assert len(said) == 4
    assert all("secrets.token_urlsafe" in problem for problem in said if "SECRET" in problem)


def test_demo_needs_nothing_and_takes_the_port() -> None:
    settings = Settings.from_environment({"PORTAL_DEMO": "1", "PORT": "8123"})
    assert settings.demo
    assert settings.base_url == "http://127.0.0.1:8123"
    assert settings.secret_key == DEMO_SECRETS["PORTAL_SECRET_KEY"]
    assert settings.trusted_hosts == ("127.0.0.1", "localhost", "::1")
    assert not settings.is_https


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("short", "fewer than 32 bytes"),
        (KEY[:31], "fewer than 32 bytes"),
        ("abc" * 20, "repeats itself"),
        (DEMO_SECRETS["PORTAL_SECRET_KEY"], "which everybody knows"),
        (DEMO_SECRETS["PORTAL_TOTP_SECRET"], "which everybody knows"),
    ],
)
@pytest.mark.parametrize(
    "name", ["PORTAL_SECRET_KEY", "PORTAL_PASSWORD_SALT", "PORTAL_TOTP_SECRET"]
)
def test_weak_secret_refused_when_not_a_demo(name: str, secret: str, says: str) -> None:
    (problem,) = problems_of(**{name: secret})
    assert problem.startswith(name)
    assert says in problem


def test_earlier_keys_are_kept_and_must_be_secrets_too() -> None:
    both = Settings.from_environment(GOOD | {"PORTAL_SECRET_KEY_FALLBACKS": f"{KEY}x, {KEY}y"})
    assert both.secret_key_fallbacks == (f"{KEY}x", f"{KEY}y")
    (problem,) = problems_of(PORTAL_SECRET_KEY_FALLBACKS="old")
    assert "fewer than 32 bytes" in problem


@pytest.mark.parametrize(
    "address",
    [
        "portal.example.com",
        "ftp://portal.example.com",
        "https://",
        "https://portal.example.com/portal",
        "https://user:word@portal.example.com",
        "https://portal.example.com:port",
        "https://[::1",
    ],
)
def test_address_refused_when_not_a_scheme_and_a_host(address: str) -> None:
    (problem,) = problems_of(PORTAL_BASE_URL=address)
    assert "a scheme and a host only" in problem


def test_address_refused_when_passwords_would_travel_in_the_open() -> None:
    (problem,) = problems_of(PORTAL_BASE_URL="http://portal.example.com")
    assert "https only" in problem
    assert (
        Settings.from_environment(GOOD | {"PORTAL_BASE_URL": "http://localhost:8000/"}).host
        == "localhost"
    )


@pytest.mark.parametrize(
    ("address", "host", "port", "security"),
    [
        ("smtp://user:p%40ss@mail.example.com", "mail.example.com", 587, "starttls"),
        ("smtps://user:p%40ss@mail.example.com", "mail.example.com", 465, "tls"),
        ("smtp+plain://user:p%40ss@127.0.0.1:2525", "127.0.0.1", 2525, "none"),
    ],
)
def test_mail_server_when_given_as_address(
    address: str, host: str, port: int, security: str
) -> None:
    mail = Settings.from_environment(GOOD | {"PORTAL_MAIL_URL": address}).mail
    assert (mail.folder, mail.host, mail.port, mail.security) == (None, host, port, security)
    assert (mail.username, mail.password) == ("user", "p@ss")


@pytest.mark.parametrize(
    "address", ["smtp+plain://mail.example.com", "http://mail.example.com", "smtp://", "smtp://h:x"]
)
def test_mail_server_refused_when_unsafe_or_unreadable(address: str) -> None:
    (problem,) = problems_of(PORTAL_MAIL_URL=address)
    assert problem.startswith("PORTAL_MAIL_URL must be")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORTAL_WORKERS", "0"),
        ("PORTAL_WORKERS", "two"),
        ("PORTAL_TRUSTED_PROXIES", "-1"),
        ("PORTAL_TRUSTED_PROXIES", "²"),
        ("PORTAL_TIMEZONE", "Asia/Beijing"),
        ("PORTAL_DATABASE_URL", "mysql://host/portal"),
        ("PORTAL_MAIL_FROM", "portal"),
        ("PORTAL_MAIL_FROM", "a@example.com\r\nBcc: b@example.com"),
        ("PORTAL_DEMO", "yes"),
        ("PORTAL_SCANNER", "127.0.0.1:3310"),
    ],
)
def test_setting_refused_when_it_makes_no_sense(name: str, text: str) -> None:
    (problem,) = problems_of(**{name: text})
    assert problem.startswith(name)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://portal:word@db.example.com/portal",
        "postgresql://portal:word@10.0.0.5/portal?sslmode=require",
        "postgresql://portal:word@10.0.0.5/portal?sslmode=prefer",
        "postgresql://portal@/portal?host=db.example.com",
        "postgresql://portal@127.0.0.1/portal?host=db.example.com",
        "postgresql://portal@127.0.0.1,db.example.com/portal",
    ],
)
def test_database_on_another_machine_is_reached_by_tls_with_its_name_checked_or_not_at_all(
    address: str,
) -> None:
    (problem,) = problems_of(PORTAL_DATABASE_URL=address)
    assert "sslmode=verify-full" in problem


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://portal@/portal?host=/run/postgresql",
        "postgresql://portal:word@127.0.0.1:5433/portal",
        "postgresql+psycopg://portal:word@localhost/portal",
        "postgresql://portal:word@[::1]/portal",
        "postgresql://portal:word@db.example.com/portal?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    ],
)
def test_database_is_taken_where_nobody_can_listen(address: str) -> None:
    assert (
        Settings.from_environment(GOOD | {"PORTAL_DATABASE_URL": address}).database_url == address
    )


def test_secrets_come_from_the_credentials_of_the_service(tmp_path: Path) -> None:
    for name, secret in GOOD.items():
        if name != "PORTAL_BASE_URL":
            (tmp_path / name).write_text(f"{secret}\n", encoding="utf-8")
    (tmp_path / "PORTAL_BASE_URL").write_text("https://evil.example", encoding="utf-8")

    settings = Settings.from_environment(
        {
            "PORTAL_BASE_URL": GOOD["PORTAL_BASE_URL"],
            "PORTAL_SECRET_KEY": "",
            "PORTAL_TOTP_SECRET": "x" + KEY,
            "CREDENTIALS_DIRECTORY": str(tmp_path),
        }
    )

    assert settings.secret_key == GOOD["PORTAL_SECRET_KEY"]
    assert settings.password_salt == GOOD["PORTAL_PASSWORD_SALT"]
    assert settings.totp_secret == "x" + KEY, "what the environment says goes first"
    assert settings.base_url == GOOD["PORTAL_BASE_URL"]


def test_misspelt_setting_is_not_taken_for_its_default() -> None:
    (problem,) = problems_of(PORTAL_DATABSE_URL="postgresql://host/portal")
    assert "was PORTAL_DATABASE_URL meant?" in problem


def test_foreign_names_are_left_alone_when_an_orchestrator_sets_them() -> None:
    Settings.from_environment(
        GOOD | {"PORTAL_PORT_8000_TCP": "tcp://10.0.0.1:8000", "PORTAL_SERVICE_HOST": "10.0.0.1"}
    )


def test_repr_shows_no_secret() -> None:
    shown = repr(
        Settings.from_environment(
            GOOD
            | {
                "PORTAL_DATABASE_URL": "postgresql://portal:opensesame@db/portal?sslmode=verify-full",
                "PORTAL_MAIL_URL": "smtp://portal:opensesame@mail.example.com",
                "PORTAL_SECRET_KEY_FALLBACKS": KEY.lower(),
            }
        )
    )
    assert "portal.example.com" in shown
    for secret in ("opensesame", KEY, KEY[::-1], KEY.swapcase(), KEY.lower()):
        assert secret not in shown


def test_every_setting_is_described() -> None:
    assert set(GOOD) < set(DESCRIPTION)
    assert len(DESCRIPTION) == len({*DESCRIPTION.values()})
