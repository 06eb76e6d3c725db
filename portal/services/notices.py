"""Who is told what: letters that the verbs of review cause, each in its receiver's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from portal.domain.actors import SUPPLIER_ROLES, MemberId, Role
from portal.domain.certificates import Kind as Certified
from portal.domain.levels import LevelRule
from portal.domain.members import shown_name
from portal.domain.permissions import Permission
from portal.domain.submissions import Kind
from portal.mail.kinds import MessageKind
from portal.services import programmes
from portal.services.outbox import send_message
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow
from portal.store.certificates import Certificate
from portal.store.dossiers import Dossier
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.submissions import Finding, Submission

_WRITERS = (Role.REPORTER, Role.SIGNATORY)
# Made once: putting it together costs more than running it.
_PEOPLE = (
    select(Account)
    .where(
        Account.member_id == bindparam("member"),
        Account.active.is_(True),
        Account.roles.any(RoleRow.name.in_(bindparam("roles", expanding=True))),
    )
    .options(joinedload(Account.roles))
    .order_by(Account.id)
)


def people_of(work: Work, member_id: int, roles: Iterable[Role] = SUPPLIER_ROLES) -> list[Account]:
    """The active people of a member who hold one of the roles."""
    wanted = {"member": member_id, "roles": [role.value for role in roles]}
    return list(work.session.scalars(_PEOPLE, wanted).unique())


def submitted(work: Work, submission: Submission) -> None:
    """Tell the member's people that the portal has what they signed, with its digest."""
    _tell(
        work,
        MessageKind.SUBMISSION_RECEIVED,
        submission.member_id,
        **_about(work, submission),
        version=submission.number,
        submitted_at=submission.submitted_at,
        digest=submission.digest,
        path=_place(work, submission),
    )


def returned(work: Work, submission: Submission, reason: str) -> None:
    """Tell the member's people what is asked; the link leads to the questions."""
    findings = select(func.count()).where(
        Finding.submission_id == submission.id,
        Finding.visibility == "supplier",
        Finding.state == "open",
    )
    _tell(
        work,
        MessageKind.RETURNED,
        submission.member_id,
        **_about(work, submission),
        version=submission.number,
        reason=reason,
        findings=work.session.scalars(findings).one(),
        path=_place(work, submission, "questions"),
    )


def approved(work: Work, submission: Submission) -> None:
    """Tell the member's people that what they handed in is approved."""
    _tell(
        work,
        MessageKind.APPROVED,
        submission.member_id,
        **_about(work, submission),
        version=submission.number,
        comment="",
        path=_place(work, submission),
    )


def certificate_issued(work: Work, certificate: Certificate) -> None:
    """Tell the member's people that the certificate can be fetched."""
    _tell(
        work,
        MessageKind.CERTIFICATE_ISSUED,
        certificate.member_id,
        **_certified(certificate),
        number=certificate.number,
        valid_until_on=certificate.valid_until,
        path="/supplier/certificates",
        level=_level(work, certificate),
        verify_path=f"/verify/{certificate.number}?c={certificate.code}",
    )


def certificate_revoked(work: Work, certificate: Certificate) -> None:
    """Tell the member's people that a certificate no longer stands, and why."""
    _tell(
        work,
        MessageKind.CERTIFICATE_REVOKED,
        certificate.member_id,
        **_certified(certificate),
        number=certificate.number,
        reason=certificate.reason,
        path="/supplier/certificates",
    )


def certificate_expiring(work: Work, certificate: Certificate) -> int:
    """Tell the member's people when a certificate ends; returns how many were written to."""
    return _tell(
        work,
        MessageKind.CERTIFICATE_EXPIRING,
        certificate.member_id,
        **_certified(certificate),
        number=certificate.number,
        valid_until_on=certificate.valid_until,
        path="/supplier/",
    )


def ready_to_sign(work: Work, subject: Inventory | Dossier) -> int:
    """Ask those of the member who may sign to hand something in; returns how many were written to."""
    if isinstance(subject, Inventory):
        about, place = Kind.BASELINE.value, f"/supplier/inventories/{subject.year}/check"
        quarter = 0
    else:
        about, place = subject.kind, _place_of(subject, "check")
        quarter = subject.quarter
    return _tell(
        work,
        MessageKind.READY_TO_SIGN,
        subject.member_id,
        (Role.SIGNATORY,),
        about=about,
        year=subject.year,
        quarter=quarter,
        asker=work.actor.name,
        path=place,
    )


def remind(work: Work, member_id: MemberId, year: int, due_on: date, note: str, today: date) -> int:
    """Remind a member of a year that is due; returns how many people were written to."""
    work.demand(Permission.ALLIANCE_REMINDER_SEND)
    told = _tell(
        work,
        MessageKind.REMINDER,
        member_id,
        year=year,
        due_on=due_on,
        days_left=(due_on - today).days,
        note=note,
        path=f"/supplier/inventories/{year}",
    )
    member = work.session.get_one(Member, member_id)
    work.record(
        "member.reminded",
        f"member/{member.uid}",
        on_behalf_of=member.code,
        detail={"year": year, "receivers": told},
    )
    return told


def _about(work: Work, submission: Submission) -> dict[str, object]:
    """What was handed in, and for which year or quarter."""
    dossier = _dossier(work, submission)
    return {
        "about": submission.kind,
        "year": submission.year,
        "quarter": dossier.quarter if dossier is not None else 0,
    }


def _place(work: Work, submission: Submission, page: str = "") -> str:
    """Where the supplier finds what was handed in, or the questions about it."""
    dossier = _dossier(work, submission)
    if dossier is None:
        return f"/supplier/inventories/{submission.year}" + (f"/{page}" if page else "")
    return _place_of(dossier, page or "history")


def _place_of(dossier: Dossier, page: str) -> str:
    year = 0 if dossier.kind == Kind.PLAN else dossier.year
    quarter = f"/q{dossier.quarter}" if dossier.quarter else ""
    return f"/supplier/{dossier.kind}/{year}{quarter}/{page}"


def _dossier(work: Work, submission: Submission) -> Dossier | None:
    if submission.dossier_id is None:
        return None
    return work.session.get_one(Dossier, submission.dossier_id)


def _certified(certificate: Certificate) -> dict[str, object]:
    """What a certificate is about."""
    is_progress = certificate.kind == Certified.PROGRESS.value
    about = Kind.PROGRESS if is_progress else Kind.BASELINE
    return {"about": about.value, "year": certificate.year}


def _level(work: Work, certificate: Certificate) -> LevelRule | str:
    """The level that progress was certified with; its id where the rules no longer have it, empty without one."""
    if not certificate.level:
        return ""
    member = work.session.get_one(Member, certificate.member_id)
    programme = programmes.in_force(work.session, member.alliance_id).programme
    return programme.level(certificate.level) or certificate.level


def _tell(
    work: Work,
    kind: MessageKind,
    member_id: int,
    to: Iterable[Role] = _WRITERS,
    /,
    **values: object,
) -> int:
    if not work.writes_letters:
        return 0
    member = work.session.get_one(Member, member_id)
    people = people_of(work, member_id, to)
    for person in people:
        named = {
            name: shown_name(value.name_zh, value.name_en, person.language)
            for name, value in values.items()
            if isinstance(value, LevelRule)
        }
        send_message(
            work,
            kind,
            to_email=person.email,
            to_name=person.name,
            language=person.language,
            values={
                "member": shown_name(member.name_zh, member.name_en, person.language),
                **values,
                **named,
            },
            member_id=member_id,
        )
    return len(people)
