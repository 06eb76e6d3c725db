"""Certificates in a list, with where they stand today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select

from portal.domain.certificates import Standing, State, standing
from portal.domain.levels import LevelRule
from portal.domain.permissions import Permission
from portal.services import programmes
from portal.services.member_list import matches_member
from portal.services.pages import Page, page_of
from portal.services.places import day_of
from portal.services.work import Work
from portal.store.certificates import Certificate, CertificateDocument
from portal.store.members import Member


@dataclass(frozen=True, slots=True)
class CertificateFilter:
    """What the address asks for; empty means no restriction. `member_id` is set for supplier people."""

    standing: str = ""
    year: int | None = None
    search: str = ""
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate, its member, its standing today (`issuing` while it is made), and which documents are ready.

    `level` is the rule of a progress certificate's level while the programme has it.
    """

    certificate: Certificate
    member: Member
    standing: str
    documents: frozenset[str]
    level: LevelRule | None


def list_certificates(work: Work, wanted: CertificateFilter, page: int = 1) -> Page[CertificateRow]:
    """One page of all certificates, newest first."""
    work.demand(Permission.ALLIANCE_CERTIFICATE_READ)
    return _listed(work, wanted, page)


def own_certificates(work: Work, member: Member, page: int = 1) -> Page[CertificateRow]:
    """One page of a member's own certificates, newest first."""
    work.demand(Permission.MEMBER_CERTIFICATE_READ, member.id)  # type: ignore[arg-type]  # a plain key
    return _listed(work, CertificateFilter(member_id=member.id), page)


def standing_of(certificate: Certificate, today: date) -> str:
    """The standing as a word; `issuing` while the document is being made."""
    if certificate.state == State.ISSUING.value:
        return State.ISSUING.value
    return standing(State(certificate.state), certificate.valid_until, today).value


def _listed(work: Work, wanted: CertificateFilter, page: int) -> Page[CertificateRow]:
    today = day_of(work.moment)
    found = page_of(work.session, _query(wanted, today), page)
    kinds = _documents(work, [certificate.id for certificate, _ in found.rows])
    levels = _levels(work, [member for _, member in found.rows])
    rows = [
        CertificateRow(
            certificate,
            member,
            standing_of(certificate, today),
            frozenset(kinds.get(certificate.id, ())),
            levels.get(certificate.level),
        )
        for certificate, member in found.rows
    ]
    return Page(rows, found.number, found.total, found.size)


def _query(wanted: CertificateFilter, today: date) -> Select[Certificate, Member]:
    query = (
        select(Certificate, Member)
        .join(Member, Member.id == Certificate.member_id)
        .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
    )
    if wanted.member_id is not None:
        query = query.where(Certificate.member_id == wanted.member_id)
    if wanted.year is not None:
        query = query.where(Certificate.year == wanted.year)
    if wanted.search:
        query = query.where(
            matches_member(wanted.search) | (Certificate.number == wanted.search.upper())
        )
    if wanted.standing in (Standing.VALID, Standing.EXPIRED):
        query = query.where(Certificate.state == State.VALID.value)
        is_over = Certificate.valid_until < today
        query = query.where(is_over if wanted.standing == Standing.EXPIRED else ~is_over)
    elif wanted.standing:
        query = query.where(Certificate.state == wanted.standing)
    return query


def _levels(work: Work, members: list[Member]) -> dict[str, LevelRule]:
    """The levels of the programme in force, by id."""
    if not members:
        return {}
    programme = programmes.in_force(work.session, members[0].alliance_id).programme
    return {rule.id: rule for rule in programme.levels}


def _documents(work: Work, ids: list[int]) -> dict[int, list[str]]:
    query = select(CertificateDocument.certificate_id, CertificateDocument.kind).where(
        CertificateDocument.certificate_id.in_(ids)
    )
    kinds: dict[int, list[str]] = {}
    for certificate_id, kind in work.session.execute(query):
        kinds.setdefault(certificate_id, []).append(kind)
    return kinds
