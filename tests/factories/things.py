"""One of each thing that an address can name, for tests that try every address of the portal.

Come with a new kind of thing in the access table? Add a property to Shelf and a line to MAKERS: the matrix of
tests/integration/test_access_matrix.py then tries it as everybody, by itself. Kinds of ANYTHING name no thing of a
member: words, years, secrets.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.actors import Role
from portal.domain.meters import RegisterFacts
from portal.domain.submissions import Kind
from portal.intake.meters import Replacement
from portal.intake.typed import Typed
from portal.services import (
    actions,
    certificates,
    dossiers,
    invitations,
    meters,
    plans,
    progress,
    restatements,
    review,
    submissions,
    targets,
)
from portal.services.submissions import Declaration
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.actions import Action
from portal.store.alliance import Alliance
from portal.store.certificates import Certificate
from portal.store.dossiers import Adjustment, Dossier
from portal.store.evidence import Evidence
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory, Output
from portal.store.invitations import Invitation
from portal.store.jobs import Job
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site
from portal.store.meters import Meter
from portal.store.passkeys import Passkey
from portal.store.restatements import EditionTrial, TrialDecision, TrialRow
from portal.store.sessions import WebSession
from portal.store.submissions import Finding, Submission
from portal.store.targets import Target
from portal.store.tokens import ApiToken
from tests.factories.meters import a_meter
from tests.factories.plans import typed_action
from tests.factories.suppliers import EDITION, MOMENT, a_member, a_site, an_account, work_of
from tests.factories.tables import a_mapping, a_survey
from tests.factories.years import a_year

RETURNED_YEAR, SUBMITTED_YEAR, APPROVED_YEAR = 2025, 2024, 2023
YEARS = (APPROVED_YEAR, SUBMITTED_YEAR, RETURNED_YEAR)
SIGNED = Declaration("李雷", "总经理")
_numbers = count(1)


@dataclass
class Shelf:
    """A member with one of each thing; what nobody asks for is never made."""

    session: Session
    alliance: Alliance

    @cached_property
    def member(self) -> Member:
        return a_member(self.session, self.alliance, f"T{next(_numbers):05}", sector="packaging")

    @cached_property
    def person(self) -> Account:
        """Somebody of the member who never logs in, so that it may be disabled."""
        return an_account(self.session, Role.SIGNATORY, self.member)

    @cached_property
    def coordinator(self) -> Account:
        return an_account(self.session, Role.COORDINATOR, None)

    @cached_property
    def site(self) -> Site:
        return a_site(self.session, self.member, "S1")

    @cached_property
    def inventory(self) -> Inventory:
        """A year that came back with a question: it can be edited, and has a history."""
        inventory = self._year(RETURNED_YEAR)
        returned = submissions.submit(self._as_supplier(), inventory, SIGNED)
        self._finding(returned)
        review.return_submission(self._as_coordinator(), returned.uid, "Please explain.")
        return inventory

    @property
    def question(self) -> Finding:
        """The question that it came back with."""
        query = select(Finding).where(Finding.inventory_id == self.inventory.id)
        return self.session.scalars(query).one()

    @cached_property
    def line(self) -> ActivityLine:
        return self._line_of(self.inventory)

    @cached_property
    def output(self) -> Output:
        made = Output(
            uid=uuid4(),
            inventory_id=self.inventory.id,
            product="纸箱",
            quantity=10,
            unit="t",
            raw={},
        )
        return self._kept(made)

    @cached_property
    def meter(self) -> Meter:
        return a_meter(
            self._as_supplier(), self.member, self.site, "E1", starts_on=date(RETURNED_YEAR, 1, 1)
        )

    @cached_property
    def replaced_meter(self) -> Meter:
        """A meter that counts by its second register."""
        starts_on = date(RETURNED_YEAR, 1, 1)
        made = a_meter(self._as_supplier(), self.member, self.site, "E2", starts_on=starts_on)
        new = RegisterFacts("", None, Decimal(1), None)
        at = datetime(RETURNED_YEAR, 6, 1, tzinfo=UTC)
        replacement = Replacement(at, None, new)
        assert meters.replace_register(self._as_supplier(), self.member, made, replacement) == ()
        return made

    @cached_property
    def evidence(self) -> Evidence:
        made = Evidence(
            uid=uuid4(),
            member_id=self.member.id,
            sha256=secrets.token_hex(32),
            size=5,
            media_type="text/csv",
            name="bill.csv",
            flags=[],
            uploaded_by=self.person.id,
            uploaded_at=MOMENT,
        )
        self._kept(made)
        self._kept(LineEvidence(line_id=self.line.id, evidence_id=made.id))
        return made

    @cached_property
    def table_file(self) -> ImportFile:
        """A table of the member's own that waits for somebody to say what its columns are."""
        made = ImportFile(
            uid=uuid4(),
            member_id=self.member.id,
            inventory_id=self.inventory.id,
            kind="free",
            name="table.csv",
            sha256=secrets.token_hex(32),
            size=5,
            locale="zh",
            state="ready",
            counts={"rows": 1},
            mapping=a_mapping(),
            preview={"survey": a_survey()},
            uploaded_by=self.person.id,
            uploaded_at=MOMENT,
        )
        return self._kept(made)

    @cached_property
    def import_file(self) -> ImportFile:
        """A workbook that waits for somebody to apply it; its bytes are nowhere."""
        made = ImportFile(
            uid=uuid4(),
            member_id=self.member.id,
            inventory_id=self.inventory.id,
            kind="workbook",
            name="book.xlsx",
            sha256=secrets.token_hex(32),
            size=5,
            locale="zh",
            state="ready",
            counts={},
            preview={"rows": [], "problems": [], "missing": []},
            uploaded_by=self.person.id,
            uploaded_at=MOMENT,
        )
        return self._kept(made)

    @cached_property
    def plan(self) -> Dossier:
        """A plan that can be edited."""
        return plans.begin_plan(self._as_supplier(), self.member)

    @cached_property
    def dossier_question(self) -> Finding:
        """The question that the plan came back with."""
        submitted = plans.submit_plan(self._as_supplier(), self.plan, SIGNED)
        found = self._finding(submitted)
        review.return_submission(self._as_coordinator(), submitted.uid, "Please explain.")
        return found

    @cached_property
    def target(self) -> Target:
        made = targets.adopt(self._as_supplier(), self.plan).target
        assert made is not None
        return made

    @cached_property
    def action(self) -> Action:
        """An action of the plan that others may copy."""
        typed = typed_action(
            method="stated",
            stated_t="5",
            how="Meters",
            site=self.site.code,
            status="done",
            may_be_copied="y",
        )
        saved = actions.add_action(self._as_supplier(), self.plan, typed)
        assert saved.action is not None, saved.problems
        return saved.action

    @cached_property
    def action_file(self) -> Evidence:
        """A file that proves the action."""
        actions.link(self._as_supplier(), self.plan, self.action, self.evidence)
        return self.evidence

    @cached_property
    def report(self) -> Dossier:
        """A progress report of a year, and one of a quarter of it, that can be edited; the plan is being revised."""
        assert self.certificate.year == APPROVED_YEAR
        assert self.target.is_main
        assert self.action.status == "done"
        submitted = plans.submit_plan(self._as_supplier(), self.plan, SIGNED)
        review.approve_submission(self._as_coordinator(), submitted.uid)
        dossiers.revise(self._as_supplier(), self.plan)
        progress.begin_progress(self._as_supplier(), self.member, APPROVED_YEAR, 1)
        return progress.begin_progress(self._as_supplier(), self.member, APPROVED_YEAR)

    @cached_property
    def reported_action(self) -> Action:
        """The action of both reports."""
        assert self.report.year == APPROVED_YEAR
        return self.action

    @cached_property
    def reported_file(self) -> Evidence:
        """A file that proves what the action saved, in the year and in the quarter."""
        for quarter in (0, 1):
            report = dossiers.find(
                self._as_supplier(), self.member, Kind.PROGRESS, self.report.year, quarter
            )
            row = progress.find_row(self._as_supplier(), report, self.reported_action.uid)
            progress.link(self._as_supplier(), report, row.row, self.evidence)
        return self.evidence

    @cached_property
    def restatement(self) -> Dossier:
        """A recalculation that can be edited."""
        assert self.certificate.year == APPROVED_YEAR
        return restatements.begin_restatement(self._as_supplier(), self.member)

    @cached_property
    def adjustment(self) -> Adjustment:
        """The change of a year in the recalculation."""
        typed = Typed({"year": str(APPROVED_YEAR), "category": "heat.steam", "change_t": "5"})
        work = self._as_supplier()
        assert restatements.add_adjustment(work, self.restatement, typed) == ()
        return restatements.adjustments_of(self.session, self.restatement.id)[0]

    @cached_property
    def submission(self) -> Submission:
        """A submission that waits for a decision."""
        return submissions.submit(self._as_supplier(), self._year(SUBMITTED_YEAR), SIGNED)

    @cached_property
    def frozen_line(self) -> ActivityLine:
        inventory = self.session.get_one(Inventory, self.submission.inventory_id)
        return self._line_of(inventory)

    @cached_property
    def finding(self) -> Finding:
        return self._finding(self.submission)

    @cached_property
    def certificate(self) -> Certificate:
        """A valid certificate with both of its documents."""
        submitted = submissions.submit(self._as_supplier(), self._year(APPROVED_YEAR), SIGNED)
        work = self._as_coordinator()
        review.approve_submission(work, submitted.uid)
        made = self.session.scalars(
            select(Certificate).where(Certificate.submission_id == submitted.id)
        ).one()
        for kind in ("certificate", "report_zh", "report_en"):
            certificates.keep_document(work, made, kind, f"%PDF {made.number} {kind}".encode())
        return made

    @cached_property
    def trial(self) -> EditionTrial:
        """A trial that can be decided on for the member."""
        made = a_trial(self.session)
        about = {"trial_id": made.id, "member_id": self.member.id}
        amounts = {"kg_before": 100, "kg_after": 107}
        self._kept(TrialRow(**about, year=APPROVED_YEAR, category="heat.steam", scope=2, **amounts))
        self._kept(
            TrialDecision(
                **about,
                base_year=APPROVED_YEAR,
                change_percent=7,
                kg_change=7,
                proposal="restate",
            )
        )
        return made

    @cached_property
    def invitation(self) -> Invitation:
        return self._invitation(self.member, Role.VIEWER)

    @cached_property
    def alliance_invitation(self) -> Invitation:
        return self._invitation(None, Role.VERIFIER)

    @cached_property
    def web_session(self) -> WebSession:
        """A session of somebody of the member who is not the one that tries the addresses."""
        made = WebSession(
            uid=uuid4(),
            digest=secrets.token_bytes(32),
            account_id=self.person.id,
            data="{}",
            device="",
            idle_minutes=30,
            created_at=MOMENT,
            seen_at=MOMENT,
            expires_at=MOMENT + timedelta(days=3650),
        )
        return self._kept(made)

    @cached_property
    def passkey(self) -> Passkey:
        """A passkey of somebody of the member who is not the one that tries the addresses."""
        made = Passkey(
            uid=uuid4(),
            account_id=self.person.id,
            name=f"Key {next(_numbers)}",
            credential_id=secrets.token_bytes(32),
            public_key=b"",
            sign_count=0,
            transports=[],
            is_synced=False,
            created_at=MOMENT,
        )
        return self._kept(made)

    @cached_property
    def token(self) -> ApiToken:
        """A token of somebody of the member who is not the one that tries the addresses."""
        made = ApiToken(
            uid=uuid4(),
            account_id=self.person.id,
            name=f"Token {next(_numbers)}",
            hint="abcd",
            digest=secrets.token_bytes(32),
            scopes=["lines:read"],
            created_at=MOMENT,
            expires_at=MOMENT + timedelta(days=365),
        )
        return self._kept(made)

    @cached_property
    def job(self) -> Job:
        made = Job(
            kind="send_message",
            arguments={},
            state="dead",
            attempts=5,
            run_at=MOMENT,
            created_at=MOMENT,
            error="no such host",
        )
        return self._kept(made)

    def _kept(self, thing: object) -> object:
        self.session.add(thing)
        self.session.flush()
        return thing

    def _year(self, year: int) -> Inventory:
        return a_year(self._as_supplier(), self.member, self.site, year)

    def _line_of(self, inventory: Inventory) -> ActivityLine:
        query = select(ActivityLine).where(ActivityLine.inventory_id == inventory.id)
        return self.session.scalars(query.order_by(ActivityLine.position).limit(1)).one()

    def _finding(self, submission: Submission) -> Finding:
        made = review.add_finding(
            self._as_coordinator(), submission.uid, message="Why?", visibility="supplier"
        )
        self.session.flush()
        return made

    def _invitation(self, member: Member | None, role: Role) -> Invitation:
        administrator = an_account(self.session, Role.ADMINISTRATOR, None)
        made = invitations.invite(
            work_of(self.session, administrator),
            member=member,
            email=f"invited-{next(_numbers)}@example.com",
            roles={role},
            language="en",
            token=secrets.token_urlsafe(32),
        )
        self.session.flush()
        return made

    def _as_supplier(self) -> Work:
        return work_of(self.session, self.person)

    def _as_coordinator(self) -> Work:
        return work_of(self.session, self.coordinator)


def nothing() -> str:
    """The id of nothing at all."""
    return str(uuid4())


def _uid(thing: object) -> str:
    found = getattr(thing, "uid", None) or getattr(thing, "key", None)
    assert isinstance(found, UUID)
    return str(found)


# kind → what an address of that kind of thing holds
MAKERS: Mapping[str, Callable[[Shelf], str]] = {
    "action": lambda shelf: _uid(shelf.action),
    "action_file": lambda shelf: _uid(shelf.action_file),
    "reported_action": lambda shelf: _uid(shelf.reported_action),
    "reported_file": lambda shelf: _uid(shelf.reported_file),
    "target": lambda shelf: _uid(shelf.target),
    "adjustment": lambda shelf: _uid(shelf.adjustment),
    "account": lambda shelf: _uid(shelf.person),
    "alliance_invitation": lambda shelf: _uid(shelf.alliance_invitation),
    "certificate": lambda shelf: _uid(shelf.certificate),
    "dossier_question": lambda shelf: _uid(shelf.dossier_question),
    "evidence": lambda shelf: _uid(shelf.evidence),
    "finding": lambda shelf: _uid(shelf.finding),
    "frozen_line": lambda shelf: _uid(shelf.frozen_line),
    "import_file": lambda shelf: _uid(shelf.import_file),
    "table_file": lambda shelf: _uid(shelf.table_file),
    "invitation": lambda shelf: _uid(shelf.invitation),
    "job": lambda shelf: str(shelf.job.id),
    "line": lambda shelf: _uid(shelf.line),
    "member": lambda shelf: _uid(shelf.member),
    "meter": lambda shelf: _uid(shelf.meter),
    "replaced_meter": lambda shelf: _uid(shelf.replaced_meter),
    "question": lambda shelf: _uid(shelf.question),
    "passkey": lambda shelf: _uid(shelf.passkey),
    "token": lambda shelf: _uid(shelf.token),
    "output": lambda shelf: _uid(shelf.output),
    "session": lambda shelf: _uid(shelf.web_session),
    "site": lambda shelf: _uid(shelf.site),
    "submission": lambda shelf: _uid(shelf.submission),
    "trial": lambda shelf: _uid(shelf.trial),
}

# kind → a value that is the same for everybody
ANYTHING: Mapping[str, str] = {
    "category": "heat.steam",
    "dossier_kind": "plan",
    "dossier_year": "0",
    "quarter": "1",
    "register": "1",
    "restatement_year": str(MOMENT.year),
    "progress_year": str(APPROVED_YEAR),
    "log_file": "checkpoint",
    "certificate_number": "DAIRY-2026-000001",
    "secret": "A" * 43,
    "setup_token": "no-token",
    "set_up_step": "names",
    "word": "en",
    "year": str(RETURNED_YEAR),
    "filename": "css/portal.css",
}


def a_trial(session: Session) -> EditionTrial:
    """A trial of an edition in which each member can be decided for."""
    trial = EditionTrial(
        uid=uuid4(),
        edition=EDITION,
        gwp_set="AR5",
        state="ready",
        threshold_percent=5,
        asked_at=MOMENT,
        ready_at=MOMENT,
    )
    session.add(trial)
    session.flush()
    return trial
