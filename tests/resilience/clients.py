"""A person in front of the running portal: logs in, reads pages, sends their forms over HTTP with their tokens."""

from __future__ import annotations

import http.client
import re
import secrets
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.browsers import PASSWORD

SECONDS = 120
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_REDIRECTS = (302, 303)


class Unanswered(Exception):
    """No whole answer came: whatever was sent may have been done or not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal said; `target` is where a redirect leads."""

    status: int
    text: str
    target: str
    headers: Mapping[str, str]

    @property
    def is_kept(self) -> bool:
        """Whether it says that what was sent is kept."""
        return self.status in _REDIRECTS and not self.target.startswith("/login")


@dataclass(slots=True)
class Tally:
    """How answers came out, over all people: by status, and those that were never whole."""

    statuses: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, method: str, path: str, status: int | None) -> None:
        """Count an answer; a plain failure is kept with its address."""
        with self._lock:
            self.statuses["none" if status is None else str(status)] += 1
            if status == 500:
                self.bad.append(f"{method} {path}")


@dataclass(slots=True)
class Client:
    """One browser without a picture: keeps its cookies, opens a connection for each request."""

    port: int
    email: str
    tally: Tally = field(default_factory=Tally)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """Read a page; whoever is sent to the login logs in and reads it then."""
        answer = self._ask("GET", path)
        if answer.status in _REDIRECTS and answer.target.startswith("/login"):
            self.log_in()
            answer = self._ask("GET", path)
        return answer

    def log_in(self) -> None:
        """Fill in the login form."""
        token = token_of(self._ask("GET", "/login").text)
        sent = {"email": self.email, "password": PASSWORD, "csrf_token": token}
        answer = self._ask("POST", "/login", urlencode(sent).encode())
        if answer.status not in _REDIRECTS:
            raise Unanswered(f"the login was answered {answer.status}")

    def send(self, path: str, page: str, values: Mapping[str, str]) -> Answer:
        """Send a form with the token of the page it stands on."""
        sent = {**values, "csrf_token": token_of(page)}
        return self._ask("POST", path, urlencode(sent).encode())

    def upload(self, path: str, page: str, name: str, content: bytes) -> Answer:
        """Send a file with the token of the page its form stands on."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            f"{token_of(page)}\r\n".encode(),
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n".encode()
            + content
            + b"\r\n",
            f"--{mark}--\r\n".encode(),
        ]
        return self._ask("POST", path, b"".join(parts), f"multipart/form-data; boundary={mark}")

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": content_type, "Origin": f"http://127.0.0.1:{self.port}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.tally.count(method, path, None)
            raise Unanswered(type(error).__name__) from error
        finally:
            connection.close()
        self.tally.count(method, path, response.status)
        self._keep_cookies(response)
        target = response.getheader("Location") or ""
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, text, target, headers)

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for header in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value


def token_of(page: str) -> str:
    """The token on a page; a page without a form is an answer of another kind."""
    found = _TOKEN.search(page)
    if found is None:
        raise Unanswered("a page without a form")
    return unescape(found[1])


def hidden(page: str, name: str) -> str:
    """The value of a hidden control."""
    found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
    if found is None:
        raise Unanswered(f"a page without {name}")
    return unescape(found[1])
