"""Programs that send the same request under the same key, five at a time and again until it is answered, while the portal is killed."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, count, repeat
from pathlib import Path

from sqlalchemy import func, select

from portal.domain.actors import Role
from portal.services import inventories
from portal.services.work import write_ledger
from portal.store.base import Database
from portal.store.ledger import LedgerEntry
from portal.store.lines import ActivityLine
from portal.store.tokens import KeptAnswer
from tests.factories.suppliers import a_member, a_site, an_account, an_alliance, work_of
from tests.programs import LINE, LINES, give_token
from tests.resilience import stage
from tests.resilience.killing import Portal
from tests.serving import free_port

SENDERS = 5  # of each key
KEYS = 5  # of each program in a round
PROGRAMS = 8  # so that 200 requests are under way at once, and no limit of an account is reached
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)  # then 1.6 again: asking oftener keeps the portal from starting
PATIENCE = 300


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, and what it is known by: a quantity that no other request has."""

    token: str
    quantity: int

    def body(self) -> bytes:
        """What is sent."""
        return json.dumps({"lines": [{**LINE, "quantity": self.quantity}]}).encode()

    def headers(self) -> dict[str, str]:
        """The token and the key."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"bill-{self.quantity}",
        }


@dataclass(slots=True)
class Report:
    """What a run came to."""

    seed: int
    kills: int = 0
    requests: int = 0
    keys: int = 0
    unanswered: list[int] = field(default_factory=list)  # when it was killed, round by round
    statuses: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The figures in one line."""
        return (
            f"seed {self.seed}: {self.kills} kills, {self.keys} keys, {self.requests} requests, "
            f"{dict(self.statuses)}, unanswered at each kill {self.unanswered}, {len(self.violations)} violations"
        )


def run(url: str, folder: Path, *, rounds: int, seed: int) -> Report:
    """In each round send two hundred requests at once, kill the portal meanwhile, and see every one answered."""
    chance, report, database = random.Random(seed), Report(seed), Database(url)
    tokens = set_up(database)
    portal = Portal(stage.environment(url, folder), folder, free_port())
    portal.start()
    portal.wait_until_ready()
    numbers = count(1)
    for _ in range(rounds):
        requests = [Sent(token, next(numbers)) for token in tokens for _ in range(KEYS)]
        with ThreadPoolExecutor(len(requests) * SENDERS) as pool:
            answers = [
                (sent, pool.submit(_insist, portal.port, sent, report.statuses, chance.random()))
                for sent in requests
                for _ in range(SENDERS)
            ]
            _wait_for(report.statuses, report.requests + chance.randrange(len(answers) // 2))
            portal.kill()
            report.unanswered.append(sum(not answer.done() for _, answer in answers))
            portal.start()
        report.kills += 1
        report.keys += len(requests)
        report.requests += len(answers)
        report.violations += _unlike([(sent, answer.result()) for sent, answer in answers])
    portal.kill()
    report.violations += _effects(database, report.keys)
    database.dispose()
    return report


def set_up(database: Database) -> list[str]:
    """Lay out two programs for each of four members with a year that is begun; gives back their tokens."""
    accounts = []
    with database.writing() as session:
        alliance = an_alliance(session, years=(2025,))
        for place in range(PROGRAMS // 2):
            member = a_member(session, alliance, f"M{place:03}", sector="packaging")
            a_site(session, member, "S1")
            people = [an_account(session, Role.SIGNATORY, member) for _ in range(2)]
            work = work_of(session, people[0])
            inventories.open_inventory(work, member, 2025)
            write_ledger(session, [work])
            accounts += people
        session.commit()
    return [give_token(database, account) for account in accounts]


def _insist(port: int, sent: Sent, statuses: Counter[str], seed: float) -> bytes:
    """Send until an answer says that it is done, as a program does that must not lose anything."""
    chance, until = random.Random(seed), time.monotonic() + PATIENCE
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        try:
            status, body = _send(port, sent)
        except (OSError, http.client.HTTPException):
            statuses["none"] += 1
        else:
            statuses[str(status)] += 1
            if status == 201:
                return body
            if status not in (502, 503):
                raise AssertionError(f"{sent.quantity} was answered {status}: {body[:300]!r}")
        if time.monotonic() > until:
            break
        time.sleep(pause * chance.uniform(0.5, 1))
    raise AssertionError(f"{sent.quantity} was never answered")


def _wait_for(statuses: Counter[str], answered: int) -> None:
    """Wait until so many are answered, so that it is killed in the midst of them on a fast machine and on a slow one."""
    until = time.monotonic() + PATIENCE
    while statuses["201"] <= answered and time.monotonic() < until:
        time.sleep(0.01)


def _send(port: int, sent: Sent) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", f"/api{LINES}", sent.body(), sent.headers())
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _unlike(answers: Sequence[tuple[Sent, bytes]]) -> Iterator[str]:
    """Keys whose senders were told different things."""
    told: dict[int, set[bytes]] = {}
    for sent, body in answers:
        told.setdefault(sent.quantity, set()).add(body)
    for quantity, bodies in told.items():
        if len(bodies) != 1:
            yield f"key {quantity} got {len(bodies)} different answers"


def _effects(database: Database, keys: int) -> Iterator[str]:
    """Keys that were done not once: in the lines, in the ledger, and in what is kept of answers."""
    with database.reading() as session:
        found = Counter(session.scalars(select(ActivityLine.quantity)))
        saved = select(func.count()).where(LedgerEntry.kind == "lines.saved")
        entries = session.scalars(saved).one()
        kept = session.scalars(select(func.count()).select_from(KeptAnswer)).one()
    for quantity in range(1, keys + 1):
        if found[Decimal(quantity)] != 1:
            yield f"key {quantity} was done {found[Decimal(quantity)]} times"
    if sum(found.values()) != keys or entries != keys or kept != keys:
        yield f"{keys} keys made {sum(found.values())} lines, {entries} entries, {kept} answers"
