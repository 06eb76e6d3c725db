"""What a member's latest approved year emits, source by source: what actions act on and are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.services.submissions import content_of
from portal.store.submissions import Submission
from portal.store.summaries import MemberYear


class Source(NamedTuple):
    """One category at one site."""

    category: str
    site: str

    @property
    def key(self) -> str:
        """The source as a text."""
        return f"{self.category}@{self.site}"


@dataclass(frozen=True, slots=True)
class SourceBook:
    """The approved year that savings are estimated against; kg CO2e location-based, `usual` the largest line of each."""

    year: int
    content: Mapping[str, Any]
    kg: Mapping[Source, Decimal]
    usual: Mapping[Source, Mapping[str, Any]]

    def of(self, category: str, site: str = "") -> dict[Source, Decimal]:
        """The sources of a category, at one site or at all."""
        return {
            source: kg
            for source, kg in self.kg.items()
            if source.category == category and (not site or source.site == site)
        }

    def kg_of(self, category: str, site: str = "") -> Decimal:
        """What a category emits, at one site or at all."""
        return sum(self.of(category, site).values(), Decimal(0))

    def usual_line(self, category: str, site: str = "") -> Mapping[str, Any] | None:
        """The largest line of a category, at the site if it has one there."""
        here = list(self.of(category, site)) or list(self.of(category))
        return self.usual[max(here, key=lambda source: self.kg[source])] if here else None

    @property
    def keyed(self) -> dict[str, Decimal]:
        """kg by the text of each source."""
        return {source.key: kg for source, kg in self.kg.items()}


def source_book(session: Session, member_id: int) -> SourceBook | None:
    """The latest approved year of a member by source; None while no year is approved."""
    query = (
        select(Submission)
        .join(MemberYear, MemberYear.submission_id == Submission.id)
        .where(MemberYear.member_id == member_id)
        .order_by(MemberYear.year.desc())
        .limit(1)
    )
    latest = session.scalars(query).one_or_none()
    return None if latest is None else book_of(content_of(session, latest))


def book_of(content: Mapping[str, Any]) -> SourceBook:
    """The sources of a frozen inventory."""
    kg: dict[Source, Decimal] = {}
    usual: dict[Source, Mapping[str, Any]] = {}
    for line in content["lines"]:
        source = Source(line["category"], line["site"])
        amount = Decimal(line["kg_co2e"])
        kg[source] = kg.get(source, Decimal(0)) + amount
        if source not in usual or amount > Decimal(usual[source]["kg_co2e"]):
            usual[source] = line
    return SourceBook(content["year"], content, kg, usual)
