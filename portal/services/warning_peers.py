"""Members beside those who make the same, all groups read once for all members that are looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select

from portal.domain.peers import Made, PeerGroup
from portal.domain.standing import Found
from portal.domain.warnings import dated
from portal.services.work import Work
from portal.store.members import Member
from portal.store.summaries import MemberOutput, MemberYear

# Alliance, sector, year, and the unit of what is made.
_Place = tuple[int, str, int, str]


@dataclass(frozen=True, slots=True)
class Peers:
    """What each member made in its latest approved year, and the groups of members that make the same."""

    own: Mapping[int, tuple[_Place, Made]]
    groups: Mapping[_Place, PeerGroup]

    def said_of(self, member_id: int) -> Iterator[Found]:
        """The latest approved year beside members of the sector that make something counted in the same unit."""
        known = self.own.get(member_id)
        if known is None:
            return
        place, own = known
        year = place[2]
        for each in dated.beside_peers(year, own, self.groups[place]):
            yield Found(year, each)


def peers_now(work: Work) -> Peers:
    """All approved years in one statement; whoever makes several products is compared with nobody."""
    query = (
        select(
            MemberYear.member_id,
            Member.alliance_id,
            Member.sector,
            MemberYear.year,
            MemberYear.kg_total,
            MemberOutput.unit,
            MemberOutput.quantity,
        )
        .join(Member, Member.id == MemberYear.member_id)
        .outerjoin(
            MemberOutput,
            and_(
                MemberOutput.member_id == MemberYear.member_id,
                MemberOutput.year == MemberYear.year,
                MemberOutput.quantity > 0,
            ),
        )
    )
    latest: dict[int, int] = {}
    years: dict[tuple[int, int], list[tuple[_Place, Made]]] = defaultdict(list)
    for member_id, alliance_id, sector, year, kg, unit, quantity in work.session.execute(query):
        latest[member_id] = max(year, latest.get(member_id, year))
        if unit is not None:
            place = (alliance_id, sector, year, unit)
            years[member_id, year].append((place, Made(kg, quantity)))
    single = {key: found[0] for key, found in years.items() if len(found) == 1}
    groups: dict[_Place, list[Made]] = defaultdict(list)
    for place, made in single.values():
        groups[place].append(made)
    own = {
        member_id: single[member_id, year]
        for member_id, year in latest.items()
        if (member_id, year) in single
    }
    return Peers(own, {place: PeerGroup(members) for place, members in groups.items()})
