"""Walks the portal as one person: every link and every form that asks, breadth first, then addresses that are only guessed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from werkzeug.test import TestResponse

from tests.browsers import ORIGIN, Browser

VARIANTS = 40  # of the query of one path are enough
# Leaving, choosing another language and the style sheets show nothing of anybody.
NOT_WALKED = ("/static/", "/language/", "/logout", "/login")
_visits = count(1)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request with its answer."""

    person: str
    own: str  # the letters of the person's member
    method: str
    path: str
    answer: TestResponse
    said: str  # everything that was sent, which an answer may repeat


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes, what stands in it, and what could be chosen instead."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Walker:
    """One person's browser, which remembers where it has been."""

    person: str
    own: str
    browser: Browser
    within: str = "/"
    variants: int = VARIANTS
    seen: set[str] = field(default_factory=set)
    forms: dict[tuple[str, frozenset[str]], Form] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Sent:
        """Open an address; each visit has a network address of its own, or the throttle would answer."""
        options: dict[str, Any] = {"headers": headers} if headers else {}
        answer = self.browser.get(path, environ_overrides=_from_anywhere(), **options)
        return Sent(self.person, self.own, "GET", path, answer, " ".join((path, *headers.values())))

    def post(self, path: str, values: Mapping[str, str]) -> Sent:
        """Send a form."""
        answer = self.browser.post(path, dict(values), environ_overrides=_from_anywhere())
        return Sent(self.person, self.own, "POST", path, answer, " ".join((path, *values.values())))

    def walk(self, starts: Iterable[str]) -> Iterator[Sent]:
        """Open these addresses, and all that can be reached from them by links and by forms that ask."""
        waiting = deque(starts)
        variants: dict[str, int] = {}
        while waiting:
            path = waiting.popleft()
            bare = path.partition("?")[0]
            is_known = path in self.seen or variants.get(bare, 0) >= self.variants
            if is_known or not path.startswith(self.within):
                continue
            self.seen.add(path)
            variants[bare] = variants.get(bare, 0) + 1
            sent = self.get(path)
            yield sent
            waiting.extend(self._onward(path, sent.answer))

    def _onward(self, path: str, answer: TestResponse) -> Iterator[str]:
        if location := answer.headers.get("Location"):
            yield from _own(path, location)
        if answer.mimetype != "text/html":
            return
        page = _Page()
        page.feed(answer.text)
        for link in page.links:
            yield from _own(path, link)
        for form in page.forms:
            if form.method == "post":
                action = next(_own(path, form.action or path), None)
                if action is not None:
                    form.action = action
                    self.forms.setdefault((action.partition("?")[0], frozenset(form.values)), form)
            else:
                yield from _asked(path, form)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("href", "src", "data-poll") if given.get(name)]
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self.forms and (name := given.get("name")):
            self._field(tag, name, given)
        elif tag == "option" and self.forms and self._select:
            self._option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _field(self, tag: str, name: str, given: Mapping[str, str]) -> None:
        form = self.forms[-1]
        if tag == "select":
            self._select = name
            form.values.setdefault(name, "")
        elif given.get("type") in ("checkbox", "radio"):
            form.options.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.values[name] = given.get("value", "on")
        else:
            form.values[name] = given.get("value", "")

    def _option(self, given: Mapping[str, str]) -> None:
        form, value = self.forms[-1], given.get("value", "")
        form.options.setdefault(self._select, []).append(value)
        if "selected" in given:
            form.values[self._select] = value


def _asked(path: str, form: Form) -> Iterator[str]:
    """The addresses of a form that asks: as it stands, and with each choice changed by itself."""
    for target in _own(path, form.action or path.partition("?")[0]):
        bare = target.partition("?")[0]
        yield _with(bare, form.values)
        for name, options in form.options.items():
            yield from (_with(bare, {**form.values, name: option}) for option in options)


def _with(path: str, values: Mapping[str, str]) -> str:
    filled = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(sorted(filled.items()))}" if filled else path


def _own(path: str, link: str) -> Iterator[str]:
    parts = urlsplit(urljoin(ORIGIN + path, urldefrag(link)[0]))
    if f"{parts.scheme}://{parts.netloc}" == ORIGIN and not parts.path.startswith(NOT_WALKED):
        yield _with(parts.path, dict(parse_qsl(parts.query)))


def _from_anywhere() -> dict[str, str]:
    number = next(_visits)
    return {"REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
