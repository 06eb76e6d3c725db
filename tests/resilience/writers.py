"""The eight writers of the kill test: six suppliers who enter, paste, upload and hand in, two coordinators who decide."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from tests.resilience.clients import Client, Unanswered, hidden
from tests.resilience.notebook import Notebook

ROWS_PASTED = 12
MOST_LINES = 45  # the lines that are written one by one fit on the first page of the table
MOST_PASTES = 12
PAUSE = (0.0, 0.15)
PAUSE_OF_COORDINATOR = (0.3, 1.2)
_ROW = re.compile(
    r'name="lines-(\d+)-key" value="([0-9a-f-]{36})"><input type="hidden" name="lines-\1-version" value="(\d+)"'
)
_QUANTITY = r'name="lines-{index}-quantity" value="([^"]*)"'
_WAITING = re.compile(r"/coordinator/submissions/([0-9a-f-]{36})")
_BOX = re.compile(r'name="([0-9a-f-]{36})-answer"')


@dataclass(slots=True)
class Writer:
    """Somebody who acts over and over until told to stop; a portal that doesn't answer is tried again a moment later."""

    client: Client
    notebook: Notebook
    chance: random.Random
    stop: threading.Event
    pause: tuple[float, float] = PAUSE
    failure: str = ""

    def run(self) -> None:
        """Act until stopped."""
        while not self.stop.is_set():
            try:
                self.act()
            except Unanswered:
                self.stop.wait(0.2)
            except Exception as error:  # noqa: BLE001 -- whatever it was, the test must hear of it
                self.failure = f"{type(error).__name__}: {error}"
                return
            self.stop.wait(self.chance.uniform(*self.pause))

    def act(self) -> None:
        """Do one thing."""
        raise NotImplementedError


@dataclass(slots=True)
class Supplier(Writer):
    """Fills the years of a member; what is submitted or approved is left alone until it comes back."""

    code: str = ""
    years: Sequence[int] = ()
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _pastes: dict[int, int] = field(default_factory=dict)
    _next_upload: float = 0

    def act(self) -> None:
        """Open the table of a year, look whether it says what was kept, and change something."""
        year = self.chance.choice(self.years)
        page = self.client.get(self._path(year, "lines"))
        if page.status != 200 or 'name="note-before"' not in page.text:
            return  # it can't be changed just now
        rows = self._rows(page.text)
        acts: list[Callable[[], None]] = [
            lambda: self._add(year, page.text),
            lambda: self._change(year, page.text, rows),
            lambda: self._paste(year),
            lambda: self._upload(year, rows),
            lambda: self._submit(year, rows),
        ]
        self.chance.choices(acts, weights=(4, 5, 2, 3, 2))[0]()

    def _path(self, year: int, rest: str) -> str:
        return f"/supplier/inventories/{year}/{rest}"

    def _rows(self, page: str) -> list[tuple[str, str, str]]:
        """Key, version and quantity of each line on the page, held against what they may say."""
        rows = []
        for index, key, version in _ROW.findall(page):
            found = re.search(_QUANTITY.format(index=index), page)
            quantity = found[1] if found else ""
            self.notebook.see_line(key, quantity)
            rows.append((key, version, quantity))
        return rows

    def _quantity(self) -> str:
        return f"{next(self._numbers)}{self.code[-1]}"

    def _add(self, year: int, page: str) -> None:
        if len(_ROW.findall(page)) < MOST_LINES:
            self._save(year, page, str(uuid4()), "")

    def _change(self, year: int, page: str, rows: list[tuple[str, str, str]]) -> None:
        if rows:
            key, version, _quantity = self.chance.choice(rows)
            self._save(year, page, key, version)

    def _save(self, year: int, page: str, key: str, version: str) -> None:
        quantity = self._quantity()
        row = {
            "key": key,
            "version": version,
            "category": "electricity.grid",
            "quantity": quantity,
            "unit": "MWh",
            "period": f"{year}-{self.chance.randint(1, 12):02}",
            "site": "S1",
        }
        values = {f"lines-0-{name}": value for name, value in row.items()}
        with self.notebook.sending("line", key, quantity) as sent:
            sent.settle(
                self.client.send(self._path(year, "lines"), page, {**values, "act": "leave"})
            )
        self.notebook.expect_line(key, quantity, sent.fate)

    def _paste(self, year: int) -> None:
        if self._pastes.get(year, 0) >= MOST_PASTES:
            return
        self._pastes[year] = self._pastes.get(year, 0) + 1
        page = self.client.get(self._path(year, "lines/paste")).text
        batch = uuid4().hex
        rows = [
            f"electricity.grid\t{self._quantity()}\tMWh\t{year}-{1 + n % 12:02}\tS1\t{batch}"
            for n in range(ROWS_PASTED)
        ]
        values = {"block": "\n".join(rows), "act": "save"}
        with self.notebook.sending("paste", f"{self.code}/{year}", batch) as sent:
            sent.settle(self.client.send(self._path(year, "lines/paste"), page, values))

    def _upload(self, year: int, rows: list[tuple[str, str, str]]) -> None:
        if not rows or time.monotonic() < self._next_upload:
            return
        self._next_upload = time.monotonic() + 20  # a member may upload 200 files an hour
        path = self._path(year, f"lines/{self.chance.choice(rows)[0]}/evidence")
        page = self.client.get(path)
        content = f"month,kWh\n{year}-01,{uuid4().int}\n".encode()
        digest = hashlib.sha256(content).hexdigest()
        with self.notebook.sending("upload", self.code, digest) as sent:
            sent.settle(self.client.upload(path, page.text, "bill.csv", content))

    def _submit(self, year: int, rows: list[tuple[str, str, str]]) -> None:
        if not rows:
            return
        self._answer(year)
        page = self.client.get(self._path(year, "check"))
        values = {"seen": hidden(page.text, "seen"), "declared": "y"}
        with self.notebook.sending("submit", f"{self.code}/{year}") as sent:
            sent.settle(self.client.send(self._path(year, "submit"), page.text, values))

    def _answer(self, year: int) -> None:
        page = self.client.get(self._path(year, "questions"))
        for box in _BOX.findall(page.text):
            words = f"answer {uuid4()}"
            path = self._path(year, f"questions/{box}")
            with self.notebook.sending("answer", box, words) as sent:
                sent.settle(self.client.send(path, page.text, {f"{box}-answer": words}))


@dataclass(slots=True)
class Coordinator(Writer):
    """Decides on what waits; now and then lets a member correct an approved year."""

    pause: tuple[float, float] = PAUSE_OF_COORDINATOR

    def act(self) -> None:
        """Open a submission and approve it, return it with a question, or reopen it."""
        reopens = self.chance.random() < 0.3
        state = "approved" if reopens else "submitted"
        queue = self.client.get(f"/coordinator/submissions/?state={state}")
        found = sorted(set(_WAITING.findall(queue.text)))
        if not found:
            return
        uid = self.chance.choice(found)
        page = self.client.get(f"/coordinator/submissions/{uid}/return").text
        if reopens:
            self._decide(uid, "reopen", page, {"reason": f"Please correct it. {uuid4()}"})
        elif self.chance.random() < 0.6:
            self._decide(uid, "approve", page, {})
        else:
            self._ask(uid, page)
            self._decide(uid, "return", page, {"reason": f"Please explain. {uuid4()}"})

    def _decide(self, uid: str, act: str, page: str, values: dict[str, str]) -> None:
        with self.notebook.sending(act, uid, values.get("reason", "")) as sent:
            sent.settle(self.client.send(f"/coordinator/submissions/{uid}/{act}", page, values))

    def _ask(self, uid: str, page: str) -> None:
        words = f"Why so much? {uuid4()}"
        values = {"message": words, "visibility": "supplier"}
        with self.notebook.sending("question", uid, words) as sent:
            sent.settle(self.client.send(f"/coordinator/submissions/{uid}/findings", page, values))
