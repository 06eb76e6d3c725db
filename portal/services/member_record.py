"""A member as coordinators look at it: its sites and years, what it has promised and what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select

from portal.domain.certificates import Kind as CertificateKind
from portal.domain.permissions import Permission
from portal.domain.submissions import Kind
from portal.services import members
from portal.services.work import Work
from portal.store.certificates import Certificate
from portal.store.dossiers import Dossier
from portal.store.inventories import Inventory
from portal.store.members import Member, Site
from portal.store.restatements import MemberRestated
from portal.store.submissions import Submission
from portal.store.summaries import MemberPlan, MemberProgress, MemberYear

Approved = TypeVar("Approved", MemberYear, MemberProgress)


@dataclass(frozen=True, slots=True)
class YearOf(Generic[Approved]):
    """One year: how it stands, what was handed in last, what was approved, and its newest certificate."""

    year: int
    state: str
    latest: Submission | None
    approved: Approved | None
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The reduction plan: how it stands, what was handed in last, what was approved."""

    state: str
    latest: Submission | None
    approved: MemberPlan | None


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A member on one page; years are latest first. `namesakes` state the same credit code."""

    member: Member
    namesakes: Sequence[Member]
    sites: Sequence[Site]
    years: Sequence[YearOf[MemberYear]]
    plan: Plan
    progress: Sequence[YearOf[MemberProgress]]
    restated: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Papers:
    """What a member handed in and what was certified: the newest of each, each list read once."""

    inventories: Mapping[int, Submission]
    dossiers: Mapping[int, Submission]
    certificates: Sequence[Certificate]

    def certified(self, kind: CertificateKind) -> dict[int, Certificate]:
        """The newest certificate of a kind by its year."""
        return {each.year: each for each in self.certificates if each.kind == kind.value}


def member_record(work: Work, member: Member) -> MemberRecord:
    """All of a member's record, in a fixed number of statements."""
    work.demand(Permission.ALLIANCE_MEMBER_READ)
    session = work.session
    papers = _papers(work, member)
    begun = (
        select(Inventory).where(Inventory.member_id == member.id).order_by(Inventory.year.desc())
    )
    dossiers = session.scalars(
        select(Dossier)
        .where(Dossier.member_id == member.id, Dossier.quarter == 0)
        .order_by(Dossier.year.desc())
    ).all()
    reports = [each for each in dossiers if each.kind == Kind.PROGRESS.value]
    restated = select(MemberRestated.year).where(MemberRestated.member_id == member.id).distinct()
    return MemberRecord(
        member,
        members.namesakes(work, member, member.credit_code),
        session.scalars(select(Site).where(Site.member_id == member.id).order_by(Site.code)).all(),
        _years(
            session.scalars(begun),
            papers.inventories,
            session.scalars(select(MemberYear).where(MemberYear.member_id == member.id)),
            papers.certified(CertificateKind.INVENTORY),
        ),
        _plan(work, member, papers, [each for each in dossiers if each.kind == Kind.PLAN.value]),
        _years(
            reports,
            papers.dossiers,
            session.scalars(select(MemberProgress).where(MemberProgress.member_id == member.id)),
            papers.certified(CertificateKind.PROGRESS),
        ),
        sorted(session.scalars(restated)),
    )


def _years(
    begun: Iterable[Inventory | Dossier],
    latest: Mapping[int, Submission],
    approved: Iterable[Approved],
    certified: Mapping[int, Certificate],
) -> list[YearOf[Approved]]:
    by_year = {row.year: row for row in approved}
    return [
        YearOf(
            each.year,
            each.state,
            latest.get(each.id),
            by_year.get(each.year),
            certified.get(each.year),
        )
        for each in begun
    ]


def _plan(work: Work, member: Member, papers: _Papers, plans: Sequence[Dossier]) -> Plan:
    approved = work.session.get(MemberPlan, member.id)
    if not plans:
        return Plan("none", None, approved)
    return Plan(plans[0].state, papers.dossiers.get(plans[0].id), approved)


def _papers(work: Work, member: Member) -> _Papers:
    inventories: dict[int, Submission] = {}
    dossiers: dict[int, Submission] = {}
    handed_in = select(Submission).where(Submission.member_id == member.id)
    for row in work.session.scalars(handed_in.order_by(Submission.number)):
        if row.inventory_id is not None:
            inventories[row.inventory_id] = row
        if row.dossier_id is not None:
            dossiers[row.dossier_id] = row
    issued = (
        select(Certificate)
        .where(Certificate.member_id == member.id)
        .order_by(Certificate.issued_at, Certificate.id)
    )
    return _Papers(inventories, dossiers, work.session.scalars(issued).all())
