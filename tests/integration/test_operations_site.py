"""The site of docs/operations/nginx.conf in a running nginx: what it leads to https, refuses, hides and adds."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from portal.cli import doctor
from tests.conventions.source import ROOT
from tests.serving import free_port
from tests.workers import wait_until

SITE = ROOT / "docs" / "operations" / "nginx.conf"
NAME = "portal.example.com"
TRANSPORT = "max-age=31536000; includeSubDomains"

pytestmark = pytest.mark.skipif(
    not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx is not installed"
)


class Portal(BaseHTTPRequestHandler):
    """Stands in for the portal: remembers what came through."""

    came: list[tuple[str, str, dict[str, str]]]

    def do_GET(self) -> None:
        self.came.append((self.command, self.path, dict(self.headers)))
        self.send_response(200)
        self.send_header("Strict-Transport-Security", TRANSPORT)
        self.send_header("Content-Length", "2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the test looks at what came."""


@dataclass(frozen=True)
class Site:
    """A running nginx with the site, and its two ports."""

    http: int
    https: int
    folder: Path

    def ask(
        self, method: str, path: str, *, secure: bool = True, **headers: str
    ) -> http.client.HTTPResponse:
        if secure:
            context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.https, timeout=10, context=context
            )
            connection._context.check_hostname = False  # type: ignore[attr-defined]  # asked by number
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=10)
        sent = {"Host": NAME, **{name.replace("_", "-"): each for name, each in headers.items()}}
        connection.request(method, path, headers=sent)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def agrees_to(self, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> str | None:
        """The cipher that the site chooses for this version of TLS, None where it hangs up."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers)
        try:
            with (
                socket.create_connection(("127.0.0.1", self.https), timeout=10) as raw,
                context.wrap_socket(raw, server_hostname=NAME) as wrapped,
            ):
                return str((wrapped.cipher() or ("",))[0])
        except OSError:
            return None


@pytest.fixture
def portal() -> Iterator[int]:
    Portal.came = []
    server = HTTPServer(("127.0.0.1", 0), Portal)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(tmp_path: Path, portal: int) -> Iterator[Site]:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"]
    subprocess.run(
        [
            *command,
            "-addext",
            f"subjectAltName=DNS:{NAME},DNS:localhost",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    served = Site(free_port(), free_port(), tmp_path)
    text = SITE.read_text("utf-8").replace("/etc/ssl/portal", str(tmp_path))
    text = text.replace("/var/log/nginx", str(tmp_path)).replace(
        "127.0.0.1:8000", f"127.0.0.1:{portal}"
    )
    text = re.sub(r"listen \[::\]:.*?;", "", text)
    text = re.sub(r"listen 443", f"listen 127.0.0.1:{served.https}", text)
    text = re.sub(r"listen 80", f"listen 127.0.0.1:{served.http}", text)
    temporary = "".join(
        f"{name}_temp_path {tmp_path}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{\n{temporary}{text}\n}}\n"
    )
    running = subprocess.Popen(["nginx", "-c", whole, "-p", tmp_path], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(served.https), 10)
        yield served
    finally:
        running.terminate()
        running.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def test_browser_is_led_to_https_and_a_program_that_uses_http_is_not(site: Site) -> None:
    led = site.ask("GET", "/supplier/?year=2025", secure=False)

    assert (led.status, led.headers["Location"]) == (308, f"https://{NAME}/supplier/?year=2025")
    assert site.ask("POST", "/login", secure=False).status == 403
    assert site.ask("GET", "/log/checkpoint", secure=False).status == 403
    assert Portal.came == []


def test_every_answer_keeps_to_https_once(site: Site) -> None:
    answers = {
        path: site.ask("GET", path).headers.get_all("Strict-Transport-Security")
        for path in ("/", "/static/none.css", "/log/tile/0/000", "/log/checkpoint")
    }

    assert answers == {path: [TRANSPORT] for path in answers}


def test_what_nginx_says_itself_keeps_to_https_too(site: Site) -> None:
    too_large = site.ask("POST", "/login", Content_Length=str(40 * 1024 * 1024))

    assert too_large.status == 413
    assert too_large.headers.get_all("Strict-Transport-Security") == [TRANSPORT]
    assert too_large.headers["Server"] == "nginx"


def test_flood_of_requests_is_turned_away_before_the_portal(site: Site) -> None:
    context = ssl.create_default_context(cafile=str(site.folder / "fullchain.pem"))
    connection = http.client.HTTPSConnection("localhost", site.https, timeout=10, context=context)
    statuses = []
    for _ in range(600):
        connection.request("GET", "/verify", headers={"Host": NAME})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses[:150] == [200] * 150
    assert 429 in statuses
    assert len(Portal.came) == statuses.count(200)


def test_portal_that_is_away_is_answered_with_all_headers(site: Site) -> None:
    text = (site.folder / "nginx.conf").read_text()
    [port] = re.findall(r"server 127\.0\.0\.1:(\d+) max_fails", text)
    (site.folder / "nginx.conf").write_text(text.replace(port, str(free_port())))
    subprocess.run(
        ["nginx", "-c", site.folder / "nginx.conf", "-p", site.folder, "-s", "reload"],
        check=True,
        capture_output=True,
    )
    wait_until(lambda: site.ask("GET", "/").status == 503, 30)

    answer = site.ask("GET", "/")

    assert answer.headers["Strict-Transport-Security"] == TRANSPORT
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_client_can_claim_nothing_about_itself(site: Site) -> None:
    claims = {
        "X_Forwarded_For": "203.0.113.9",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "evil.example",
        "Forwarded": "for=203.0.113.9",
    }
    site.ask("GET", "/", **claims)

    [(_, _, came)] = Portal.came
    assert came["X-Forwarded-For"] == "127.0.0.1"
    assert came["X-Forwarded-Proto"] == "https"
    assert "X-Forwarded-Host" not in came
    assert "Forwarded" not in came


def test_only_new_tls_with_the_strongest_cipher_is_spoken(site: Site) -> None:
    assert site.agrees_to(ssl.TLSVersion.TLSv1_1) is None
    assert site.agrees_to(ssl.TLSVersion.TLSv1_2) == "ECDHE-RSA-AES256-GCM-SHA384"
    weak = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
    assert site.agrees_to(ssl.TLSVersion.TLSv1_2, weak) == "ECDHE-RSA-AES256-GCM-SHA384"
    for ciphers in ("AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA"):
        assert site.agrees_to(ssl.TLSVersion.TLSv1_2, ciphers) is None
    assert (site.agrees_to(ssl.TLSVersion.TLSv1_3) or "").startswith("TLS_")


@pytest.mark.parametrize("is_trusted", [False, True])
def test_doctor_asks_whether_browsers_trust_the_certificate(
    site: Site, monkeypatch: pytest.MonkeyPatch, is_trusted: bool
) -> None:
    known = site.folder / "fullchain.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(known if is_trusted else site.folder / "none"))
    environ = {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(site.folder)}
    secure = {**environ, "PORTAL_BASE_URL": f"https://localhost:{site.https}"}

    [found] = [each for each in doctor.examine(secure) if each.subject == "https"]

    assert found.is_sound is is_trusted
    assert ("browsers don't trust localhost" in found.said) is not is_trusted


def test_doctor_says_when_nobody_speaks_https(tmp_path: Path) -> None:
    environ = {"PORTAL_DEMO": "1", "PORTAL_FOLDER": str(tmp_path)}
    secure = {**environ, "PORTAL_BASE_URL": f"https://localhost:{free_port()}"}

    [found] = [each for each in doctor.examine(secure) if each.subject == "https"]

    assert (found.is_sound, "can't be reached" in found.said) == (False, True)


def test_trace_and_other_names_are_refused_and_no_folder_is_listed(site: Site) -> None:
    (site.folder / "static").mkdir()

    assert site.ask("TRACE", "/").status == 405
    assert site.ask("GET", "/", Host="evil.example").status == 421
    assert "autoindex" not in SITE.read_text("utf-8")
    assert site.ask("GET", "/static/").status in (200, 403, 404)
    assert all("Index of" not in str(came) for came in Portal.came)


def test_probes_are_for_this_machine_only() -> None:
    text = SITE.read_text("utf-8")

    for probe in ("/healthz", "/readyz"):
        [rules] = re.findall(rf"location = {probe} +\{{(.*?)\}}", text)
        assert re.findall(r"(?:allow|deny) \S+;", rules) == [
            "allow 127.0.0.1;",
            "allow ::1;",
            "deny all;",
        ]


def test_site_asks_nobody_but_the_portal_on_this_machine() -> None:
    text = SITE.read_text("utf-8")

    assert set(re.findall(r"proxy_pass +(\S+);", text)) == {"http://portal"}
    assert re.findall(r"upstream portal \{[^}]*?server (\S+)", text, re.DOTALL) == [
        "127.0.0.1:8000"
    ]
    assert set(re.findall(r"\broot +(\S+);", text)) == {"/var/www/acme", "/var/www/portal"}
    assert "proxy_cache" not in text
