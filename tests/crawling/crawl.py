"""The crawl of one person: what can be reached, what can be guessed, and what can be typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape

from sqlalchemy import select

from portal.documents.orders import Kind, Order
from portal.documents.seals import Seal
from portal.domain.actors import Role
from portal.store.certificates import Certificate, DocumentSeal
from tests.crawling.guessing import addresses, queries, swapped
from tests.crawling.known import OFFERED
from tests.crawling.walking import Sent, Walker
from tests.crawling.world import Marked

COPY = "/supplier/plan/shared/copy"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def crawl(
    world: Marked,
    place: int,
    role: Role,
    others: Iterable[int],
    *,
    languages: Iterable[str] = ("en",),
    is_whole: bool = False,
    variants: int = 40,
) -> Iterator[Sent]:
    """All that somebody of a member is answered: on the way through the portal, and when looking for other members."""
    walkers = [world.as_member(place, role, language) for language in languages]
    for walker in walkers:
        walker.variants = variants
        yield from walker.walk(["/"])
    walker = walkers[0]
    for number, other in enumerate(others):
        yield from guess(world, walker, place, other)
        yield from search(world, walker, other, is_whole=is_whole and number == 0)
        yield from swap(world, walker, place, other)
    walker.seen.clear()
    yield from walker.walk(["/supplier/"] if is_whole else [])


def guess(world: Marked, walker: Walker, place: int, other: int) -> Iterator[Sent]:
    """Every address with another member's ids, asked for and sent a form to."""
    yield from look(world, walker, place, other)
    token = token_of(walker)
    for address in addresses(world.app, "POST", world.ids[place], world.ids[other]):
        yield walker.post(address, {"csrf_token": token})


def look(world: Marked, walker: Walker, place: int, other: int) -> Iterator[Sent]:
    """Every address of a page with another member's ids, asked for as a cache that claims to know the answer."""
    claimed = {"If-None-Match": f'"{world.shelves[other].evidence.sha256}"'}
    for address in addresses(world.app, "GET", world.ids[place], world.ids[other]):
        if address.startswith(walker.within):
            yield walker.get(address, **claimed)


def search(world: Marked, walker: Walker, other: int, *, is_whole: bool) -> Iterator[Sent]:
    """Every page that was reached, asked for what is another member's."""
    for path in sorted({path.partition("?")[0] for path in walker.seen}):
        for query in queries(world.shelves[other], world.ids[other], is_whole=is_whole):
            yield walker.get(f"{path}?{query}")


def swap(world: Marked, walker: Walker, place: int, other: int) -> Iterator[Sent]:
    """Every form that was reached, with another member's id in it; and the page that it leads to."""
    sites = {world.shelves[place].site.code: world.shelves[other].site.code}
    token = token_of(walker)
    for form in list(walker.forms.values()):
        if form.action == COPY and world.shelves[other].lets_copy:
            continue  # it may be copied, and its name is then among one's own actions
        for values in swapped(form, world.ids[place], world.ids[other], sites):
            sent = walker.post(form.action, {**values, "csrf_token": token})
            yield sent
            if location := sent.answer.headers.get("Location"):
                yield walker.get(location)


def token_of(walker: Walker) -> str:
    """The token of this session's forms; of a page for anybody where nobody is logged in."""
    texts = (walker.get(page).answer.text for page in ("/account/", "/login"))
    found = next(match for match in map(_TOKEN.search, texts) if match)
    return unescape(found[1])


def looked_up(world: Marked, walker: Walker, place: int) -> Iterator[Sent]:
    """All pages about a member's things, as somebody opens them who may see every member."""
    ids = world.ids[place]
    for address in addresses(world.app, "GET", ids, ids):
        if address.startswith(walker.within):
            yield walker.get(address)


def certificates_of(world: Marked, place: int) -> list[tuple[str, str, str]]:
    """Number, code and kind of a member's certificates."""
    query = select(Certificate.number, Certificate.code, Certificate.kind)
    member = world.shelves[place].member
    with world.database.reading() as session:
        return [
            tuple(row) for row in session.execute(query.where(Certificate.member_id == member.id))
        ]


def order_of(world: Marked, number: str) -> Order:
    """What a certificate is printed from."""
    with world.database.reading() as session:
        made = session.scalars(select(Certificate).where(Certificate.number == number)).one()
        seal = session.get_one(DocumentSeal, (made.id, "certificate"))
        is_progress = made.kind == "progress"
        kind = Kind.PROGRESS_CERTIFICATE if is_progress else Kind.CERTIFICATE
        return Order(kind, made.facts, Seal(seal.proof, seal.statement))


def faults(world: Marked, sents: Iterable[Sent], counted: Counter[str]) -> list[str]:
    """Leaks, failures, and answers that a cache would keep, among answers that are counted as they come."""
    found = []
    for sent in sents:
        status = sent.answer.status_code
        counted[f"{sent.method} {status}"] += 1
        if status >= 500 or status == 304:
            found.append(f"{sent.person}: {sent.method} {sent.path} → {status}")
        if "ETag" in sent.answer.headers:
            found.append(f"{sent.person}: {sent.method} {sent.path} has an ETag")
        found += world.leaks(sent, [OFFERED])
    return found
