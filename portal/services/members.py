"""Members and their sites: taking them in, setting up, keeping their particulars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.members import SiteFacts, Status
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.domain.submissions import Kind
from portal.services import lines
from portal.services.work import Work
from portal.store.alliance import OrgUnit
from portal.store.members import Member, Site
from portal.store.submissions import Submission

PARTICULARS = frozenset(
    {
        "name_zh",
        "name_en",
        "credit_code",
        "boundary",
        "base_year",
        "signatory_name",
        "signatory_post",
    }
)
MOST_SITES = 500  # of one member
MOST_NAMESAKES = 10
# People's names never reach the ledger, not even as part of a digest that could be guessed.
PERSONAL = frozenset({"signatory_name", "signatory_post"})


def create_member(
    work: Work,
    *,
    alliance_id: int,
    unit: OrgUnit,
    code: str,
    name_zh: str,
    name_en: str,
    sector: str,
    joined_on: date,
    credit_code: str | None = None,
) -> Member:
    """Take a supplier into the alliance; it is invited until one of its people has come."""
    work.demand(Permission.ALLIANCE_MEMBER_INVITE)
    taken = work.session.scalars(select(Member.id).where(Member.code == code)).first()
    if taken is not None:
        raise Conflict("member.code.taken", {"code": code})
    member = Member(
        uid=work.new_uid(),
        alliance_id=alliance_id,
        unit_id=unit.id,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        credit_code=credit_code,
        sector=sector,
        joined_on=joined_on,
        status=Status.INVITED.value,
        created_at=work.moment,
    )
    work.session.add(member)
    work.session.flush()
    work.record("member.created", f"member/{member.uid}", on_behalf_of=code)
    return member


def find_member(work: Work, uid: UUID) -> Member:
    """The member with this public id, if the actor may read it."""
    member = work.session.scalars(select(Member).where(Member.uid == uid)).one_or_none()
    if member is None:
        raise NotFound()
    work.demand(Permission.MEMBER_PROFILE_READ, MemberId(member.id))
    return member


def own_member(work: Work) -> Member:
    """The member that the actor belongs to; alliance people have none."""
    if work.actor.member_id is None:
        raise NotFound()
    return work.session.get_one(Member, work.actor.member_id)


def describe(work: Work, member: Member, particulars: Mapping[str, object]) -> None:
    """Keep what a member says about itself; once nothing is missing it is set up, and an invited member becomes active.

    `particulars` are columns of PARTICULARS with their new values; a set-up page brings only its own.
    """
    work.demand(Permission.MEMBER_PROFILE_EDIT, MemberId(member.id))
    if unknown := particulars.keys() - PARTICULARS:
        raise ValueError(f"not a particular of a member: {sorted(unknown)}")
    before = _particulars_digest(member)
    base_year = particulars.get("base_year", member.base_year)
    if member.base_year and base_year != member.base_year and _has_plan(work, member):
        raise Conflict("member.base_year.in_use")
    for name, value in particulars.items():
        setattr(member, name, value)
    if member.set_up_at is None and is_described(member):
        member.set_up_at = work.moment
    if member.status == Status.INVITED.value:
        member.status = Status.ACTIVE.value
    work.session.flush()
    work.record(
        "member.described",
        f"member/{member.uid}",
        on_behalf_of=member.code,
        before=before,
        after=_particulars_digest(member),
        detail={"particulars": sorted(particulars)},
    )


def _has_plan(work: Work, member: Member) -> bool:
    """Whether a reduction plan was handed in, which stands on the base year."""
    query = select(Submission.id).where(
        Submission.member_id == member.id, Submission.kind == Kind.PLAN.value
    )
    return work.session.scalars(query.limit(1)).one_or_none() is not None


def namesakes(work: Work, member: Member, credit_code: str | None) -> list[Member]:
    """Other members that state a credit code: one of them is wrong, or somebody pretends to be the other.

    Only the alliance's people are told. A supplier whose code was refused would learn who else is in the alliance.
    """
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    if not credit_code:
        return []
    query = select(Member).where(Member.credit_code == credit_code, Member.id != member.id)
    return list(work.session.scalars(query.order_by(Member.code).limit(MOST_NAMESAKES)))


def is_described(member: Member) -> bool:
    """Whether a member has said everything that the set-up asks for."""
    return bool(
        (member.name_zh or member.name_en)
        and member.boundary
        and member.base_year
        and member.signatory_name
    )


def member_uids(work: Work, member_ids: Iterable[int]) -> dict[int, UUID]:
    """The public ids of members by their keys; a supplier's actor gets its own member's alone."""
    own = work.actor.member_id
    if own is None:
        work.demand(Permission.ALLIANCE_MEMBER_READ)
    query = select(Member.id, Member.uid).where(Member.id.in_(set(member_ids)))
    if own is not None:
        query = query.where(Member.id == own)
    return dict(work.session.execute(query).all())


def sites_of(work: Work, member: Member, *, with_closed: bool = False) -> list[Site]:
    """A member's sites in the order of their codes."""
    work.demand(Permission.MEMBER_PROFILE_READ, MemberId(member.id))
    query = select(Site).where(Site.member_id == member.id).order_by(Site.code)
    if not with_closed:
        query = query.where(Site.is_active.is_(True))
    return list(work.session.scalars(query))


def find_site(work: Work, member: Member, uid: UUID) -> Site:
    """One of the member's own sites; another member's is answered like an unknown one."""
    work.demand(Permission.MEMBER_PROFILE_READ, MemberId(member.id))
    site = work.session.scalars(
        select(Site).where(Site.uid == uid, Site.member_id == member.id)
    ).one_or_none()
    if site is None:
        raise NotFound()
    return site


def add_site(work: Work, member: Member, facts: SiteFacts) -> Site:
    """Add a site; its code is unique within the member."""
    work.demand(Permission.MEMBER_PROFILE_EDIT, MemberId(member.id))
    _refuse_taken_site_code(work, member, facts.code, None)
    count = select(func.count()).where(Site.member_id == member.id)
    if work.session.scalars(count).one() >= MOST_SITES:
        raise Conflict("site.many", {"most": MOST_SITES})
    site = Site(uid=work.new_uid(), member_id=member.id, created_at=work.moment, **_columns(facts))
    work.session.add(site)
    work.session.flush()
    work.record(
        "site.added", f"site/{site.uid}", on_behalf_of=member.code, after=digest(asdict(facts))
    )
    return site


def change_site(work: Work, member: Member, site: Site, facts: SiteFacts) -> None:
    """Change a site's particulars; at another place its lines of editable years are worked out again."""
    work.demand(Permission.MEMBER_PROFILE_EDIT, MemberId(member.id))
    _refuse_taken_site_code(work, member, facts.code, site.id)
    before = digest(site_facts(site))
    is_moving = (site.country, site.province) != (facts.country, facts.province)
    if is_moving:
        lines.refuse_long_rework(work, site)
    for name, value in _columns(facts).items():
        setattr(site, name, value)
    work.session.flush()
    if is_moving:
        lines.rework_site(work, site)
    work.record(
        "site.changed",
        f"site/{site.uid}",
        on_behalf_of=member.code,
        before=before,
        after=digest(asdict(facts)),
    )


def close_site(work: Work, member: Member, site: Site) -> None:
    """Close a site: its lines stay, new ones can't choose it."""
    work.demand(Permission.MEMBER_PROFILE_EDIT, MemberId(member.id))
    site.is_active = False
    work.record("site.closed", f"site/{site.uid}", on_behalf_of=member.code)


def reopen_site(work: Work, member: Member, site: Site) -> None:
    """Open a closed site again."""
    work.demand(Permission.MEMBER_PROFILE_EDIT, MemberId(member.id))
    site.is_active = True
    work.record("site.reopened", f"site/{site.uid}", on_behalf_of=member.code)


def site_facts(site: Site) -> dict[str, object]:
    """A site's particulars as plain values."""
    return {
        name: getattr(site, name)
        for name in ("code", "name_zh", "name_en", "kind", "country", "province")
    }


def _columns(facts: SiteFacts) -> dict[str, object]:
    return asdict(facts) | {"kind": facts.kind.value}


def _particulars_digest(member: Member) -> str:
    return digest({name: getattr(member, name) for name in sorted(PARTICULARS - PERSONAL)})


def _refuse_taken_site_code(work: Work, member: Member, code: str, own: int | None) -> None:
    query = select(Site.id).where(Site.member_id == member.id, Site.code == code)
    taken = work.session.scalars(query).first()
    if taken is not None and taken != own:
        raise Conflict("site.code.taken", {"code": code})
