"""Targets of a member: adopting the alliance's, setting own ones, and what they come to against the approved years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.calculation.pathways import (
    Kind,
    Part,
    Pathway,
)
from portal.calculation.problems import Problem, problem
from portal.domain.actors import MemberId
from portal.domain.canonical import digest
from portal.domain.permissions import Permission
from portal.domain.refusals import NotFound
from portal.intake.numbers import NumberRules
from portal.intake.typed import Reading, Typed
from portal.services import dossiers, programmes
from portal.services.programmes import InForce
from portal.services.series import ALL_SCOPES
from portal.services.work import Work
from portal.store.dossiers import Dossier
from portal.store.members import Member
from portal.store.targets import Target

MOST_TARGETS = 50  # of one member
_CUT = NumberRules(minimum=Decimal("0.01"), maximum=Decimal(100), unusual_from=None, decimals=2)
_SHARE = NumberRules(maximum=Decimal(100), unusual_from=None, decimals=2, is_required=False)
_YEAR = NumberRules(minimum=Decimal(2000), maximum=Decimal(2100), integer_digits=4, decimals=0)
_MAYBE_YEAR = NumberRules(
    is_required=False, minimum=Decimal(2000), maximum=Decimal(2100), integer_digits=4, decimals=0
)
FIELDS = (
    "kind",
    "part",
    "scopes",
    "product",
    "base_year",
    "target_year",
    "percent",
    "pathway",
    "net_zero_year",
    "stated_base",
    "stated_now",
    "note",
)


@dataclass(frozen=True, slots=True)
class SavedTarget:
    """What saving came to: the target, or problems and nothing kept."""

    target: Target | None
    problems: tuple[Problem, ...] = ()


def targets_of(session: Session, member_id: int) -> list[Target]:
    """A member's targets, the leading one first."""
    query = (
        select(Target)
        .where(Target.member_id == member_id)
        .order_by(Target.is_main.desc(), Target.id)
    )
    return list(session.scalars(query))


def find_target(work: Work, member: Member, uid: UUID) -> Target:
    """One of the member's own targets; any other is answered like an unknown one."""
    work.demand(Permission.MEMBER_PLAN_READ, MemberId(member.id))
    found = work.session.scalars(
        select(Target).where(Target.uid == uid, Target.member_id == member.id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def adopt(work: Work, plan: Dossier, better: Typed | None = None) -> SavedTarget:
    """Adopt the alliance's default target, as it is or bettered by a larger cut or an earlier year; it leads the plan."""
    member = dossiers.begin_edit(work, plan)
    in_force = programmes.in_force(work.session, member.alliance_id)
    columns, problems = _adopted(in_force, member, better, work.today)
    if problems:
        return SavedTarget(None, tuple(problems))
    own = [t for t in targets_of(work.session, member.id) if t.adopted_version is not None]
    target, before = _keep(work, member, own[0] if own else None, columns, leads=True)
    _record(work, member, target, "target.adopted", before)
    return SavedTarget(target)


def add_target(work: Work, plan: Dossier, typed: Typed) -> SavedTarget:
    """Add a target of the member's own; the first that is about emissions leads."""
    member = dossiers.begin_edit(work, plan)
    columns, problems = _read(typed, member, work.today)
    if len(targets_of(work.session, member.id)) >= MOST_TARGETS:
        problems = [*problems, problem("target.many", "kind", most=MOST_TARGETS)]
    if problems:
        return SavedTarget(None, tuple(problems))
    leads = _main(work.session, member.id) is None and not Kind(columns["kind"]).is_share
    target, before = _keep(work, member, None, columns, leads=leads)
    _record(work, member, target, "target.added", before)
    return SavedTarget(target)


def change_target(work: Work, plan: Dossier, target: Target, typed: Typed) -> SavedTarget:
    """Change a target; an adopted one becomes the member's own."""
    member = dossiers.begin_edit(work, plan)
    columns, problems = _read(typed, member, work.today)
    if problems:
        return SavedTarget(None, tuple(problems))
    leads = target.is_main and not Kind(columns["kind"]).is_share
    _, before = _keep(work, member, target, columns | {"adopted_version": None}, leads=leads)
    _record(work, member, target, "target.changed", before)
    return SavedTarget(target)


def lead(work: Work, plan: Dossier, target: Target) -> None:
    """Let a target about emissions lead: on track or not is asked of it."""
    member = dossiers.begin_edit(work, plan)
    if Kind(target.kind).is_share:
        raise NotFound()
    _let_lead(work.session, member.id, target)
    _record(work, member, target, "target.leads", digest(facts(target)))


def remove_target(work: Work, plan: Dossier, target: Target) -> None:
    """Remove a target."""
    member = dossiers.begin_edit(work, plan)
    work.record(
        "target.removed",
        f"target/{target.uid}",
        on_behalf_of=member.code,
        before=digest(facts(target)),
    )
    work.session.delete(target)
    work.session.flush()


def facts(target: Target) -> dict[str, Any]:
    """A target as plain values: what is frozen with the plan and what the ledger's digest is made from."""
    return {
        "key": str(target.uid),
        "kind": target.kind,
        "part": target.part,
        "scopes": list(target.scopes),
        "product": target.product,
        "base_year": target.base_year,
        "target_year": target.target_year,
        "percent": target.percent,
        "pathway": target.pathway,
        "net_zero_year": target.net_zero_year,
        "stated_base": target.stated_base,
        "stated_now": target.stated_now,
        "is_main": target.is_main,
        "adopted_version": target.adopted_version,
        "note": target.note,
    }


def _adopted(
    in_force: InForce, member: Member, better: Typed | None, today: date
) -> tuple[dict[str, Any], list[Problem]]:
    default = in_force.programme.target
    base_year = member.base_year or today.year - 1
    percent: Decimal | None = default.percent
    target_year: int | None = default.target_year
    problems: list[Problem] = []
    if better is not None:
        reading = Reading(better, today)
        percent = reading.percent("percent", _CUT)
        target_year = reading.whole("target_year", _YEAR)
        problems = reading.problems if not reading.is_settled else []
        is_weaker = (percent or 0) < default.percent or (target_year or 0) > default.target_year
        if not problems and is_weaker:
            problems = [
                problem(
                    "target.percent.below_default",
                    "percent",
                    percent=default.percent,
                    year=default.target_year,
                )
            ]
    if not problems and target_year is not None and target_year <= base_year:
        problems = [problem("target.year.not_after_base", "target_year", year=base_year)]
    columns = {
        "kind": default.kind.value,
        "part": default.part.value,
        "scopes": list(default.scopes),
        "product": "",
        "base_year": base_year,
        "target_year": target_year,
        "percent": percent,
        "pathway": default.pathway.value,
        "net_zero_year": default.net_zero_year,
        "stated_base": None,
        "stated_now": None,
        "note": "",
        "adopted_version": in_force.number,
        "raw": {} if better is None else better.raw(),
    }
    return columns, problems


def _read(typed: Typed, member: Member, today: date) -> tuple[dict[str, Any], list[Problem]]:
    """The columns of an own target, and everything that is wrong with it."""
    reading = Reading(typed, today)
    kind = reading.choice("kind", list(Kind))
    is_share = bool(kind) and Kind(kind).is_share
    columns = {
        "kind": kind,
        "part": reading.choice("part", list(Part), is_required=False) or Part.ALL.value,
        "scopes": [int(s) for s in reading.choices("scopes", [str(s) for s in ALL_SCOPES])]
        if not is_share
        else [2],
        "product": reading.text("product", is_required=False),
        "base_year": reading.whole("base_year", _YEAR),
        "target_year": reading.whole("target_year", _YEAR),
        "percent": reading.percent("percent", _CUT),
        "pathway": reading.choice("pathway", list(Pathway), is_required=not is_share)
        or Pathway.LINEAR.value,
        "net_zero_year": reading.whole("net_zero_year", _MAYBE_YEAR),
        "stated_base": reading.percent("stated_base", _SHARE),
        "stated_now": reading.percent("stated_now", _SHARE),
        "note": reading.long_text("note"),
        "adopted_version": None,
        "raw": typed.raw(),
    }
    if reading.is_settled:
        for found in _contradictions(columns):
            reading.refuse(found)
    return columns, [] if reading.is_settled else reading.problems


def _contradictions(columns: dict[str, Any]) -> list[Problem]:
    kind, found = Kind(columns["kind"]), []
    if columns["target_year"] <= columns["base_year"]:
        found.append(
            problem("target.year.not_after_base", "target_year", year=columns["base_year"])
        )
    if columns["net_zero_year"] and columns["net_zero_year"] < columns["target_year"]:
        found.append(
            problem("target.net_zero.before_target", "net_zero_year", year=columns["target_year"])
        )
    if kind.is_intensity and not columns["product"]:
        found.append(problem("target.product.missing", "product"))
    if kind is Kind.SUPPLIER_ENGAGEMENT and columns["stated_base"] is None:
        found.append(problem("target.share.stated", "stated_base"))
    if columns["pathway"] == Pathway.COMPOUND and columns["percent"] >= 100 and not kind.is_share:
        found.append(problem("target.percent.compound", "percent"))
    return found


def _keep(
    work: Work, member: Member, target: Target | None, columns: dict[str, Any], *, leads: bool
) -> tuple[Target, str]:
    """The target with its new columns, and the digest of what it said before."""
    before = ""
    if target is None:
        target = Target(uid=work.new_uid(), member_id=member.id, created_at=work.moment)
        work.session.add(target)
    else:
        before = digest(facts(target))
    for name, value in columns.items():
        setattr(target, name, value)
    target.changed_at = work.moment
    if leads:
        _let_lead(work.session, member.id, target)
    else:
        target.is_main = False
    work.session.flush()
    return target, before


def _let_lead(session: Session, member_id: int, target: Target) -> None:
    with session.no_autoflush:
        session.execute(
            update(Target)
            .where(Target.member_id == member_id, Target.is_main.is_(True), Target.id != target.id)
            .values(is_main=False, version=Target.version + 1)
            .execution_options(synchronize_session="fetch")
        )
    target.is_main = True
    session.flush()


def _record(work: Work, member: Member, target: Target, kind: str, before: str) -> None:
    work.record(
        kind,
        f"target/{target.uid}",
        on_behalf_of=member.code,
        before=before,
        after=digest(facts(target)),
    )


def _main(session: Session, member_id: int) -> Target | None:
    return session.scalars(
        select(Target).where(Target.member_id == member_id, Target.is_main.is_(True))
    ).one_or_none()
