"""Members in whose data every text that somebody can type holds the member's own mark.

Come with a new text column? `test_every_text_holds_the_mark_of_each_member` finds it; put the mark into it here.
"""

from __future__ import annotations

import secrets
from collections.abc import Container, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from io import BytesIO
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.calculation.problems import problem
from portal.documents.facts import Language
from portal.documents.making import make
from portal.documents.orders import Kind as Printed
from portal.documents.orders import Order
from portal.documents.seals import Seal
from portal.domain.actors import MemberId, Role
from portal.domain.canonical import canonical_json
from portal.domain.certificates import Kind as Certified
from portal.domain.submissions import Kind
from portal.domain.trials import Decision
from portal.intake.typed import Typed
from portal.services import (
    actions,
    certificates,
    dossiers,
    inventories,
    invitations,
    meter_months,
    meter_troubles,
    metered_lines,
    notices,
    outputs,
    plans,
    progress,
    progress_report_facts,
    publishing,
    report_facts,
    restatements,
    review,
    seals,
    submissions,
    targets,
    trial_decisions,
    warnings,
)
from portal.services.checkpoints import Notary
from portal.services.line_saving import SubmittedLine, save_lines
from portal.services.outputs import RawOutput
from portal.services.submissions import Declaration
from portal.services.work import Work, write_ledger
from portal.store.accounts import Account
from portal.store.actions import Action
from portal.store.alliance import Alliance
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate
from portal.store.dossiers import Dossier
from portal.store.evidence import Evidence
from portal.store.import_mappings import ImportMapping
from portal.store.imports import ImportFile
from portal.store.inventories import Inventory, Output
from portal.store.invitations import Invitation
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site
from portal.store.messages import Message
from portal.store.meters import Meter
from portal.store.passkeys import Passkey
from portal.store.restatements import EditionTrial, TrialDecision, TrialRow
from portal.store.sessions import WebSession
from portal.store.standing_warnings import StandingWarning
from portal.store.submissions import Finding, Submission
from portal.store.targets import Target
from portal.store.tokens import ApiToken
from tests.factories.marks import Mark, marks
from tests.factories.meters import a_meter, some_readings
from tests.factories.plans import typed_action, typed_target
from tests.factories.scenes import staff
from tests.factories.suppliers import (
    MOMENT,
    a_member,
    a_site,
    an_account,
    an_alliance,
    work_of,
)
from tests.factories.tables import a_mapping, a_survey
from tests.factories.things import (
    APPROVED_YEAR,
    RETURNED_YEAR,
    SUBMITTED_YEAR,
    YEARS,
    Shelf,
    a_trial,
)

PEOPLE = (Role.SIGNATORY, Role.REPORTER, Role.VIEWER)
PAPERS = ("certificate", "report_zh", "report_en")
STAFF = (Role.COORDINATOR, Role.VERIFIER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Common:
    """What all members of a marked alliance have to do with."""

    coordinator: Account
    trial: EditionTrial
    blobs: Blobs
    notary: Notary


@dataclass
class MarkedShelf(Shelf):
    """A member with one of each thing, each text of which says whose it is."""

    mark: Mark
    about: Common
    lets_copy: bool
    prints: Container[str]  # the kinds of papers that are made in earnest
    works: list[Work] = field(default_factory=list)

    @cached_property
    def member(self) -> Member:
        made = a_member(self.session, self.alliance, f"{self.mark.code}-C", sector="packaging")
        made.name_zh = f"{self.mark.word('name_zh')} 有限公司"
        made.name_en = self.mark.word("name_en")
        made.credit_code = f"{self.mark.code}{self.mark.number:07}"[:18]
        made.signatory_name = self.mark.word("signatory_name")
        made.signatory_post = self.mark.word("signatory_post")
        made.base_year = APPROVED_YEAR
        return self._kept(made)

    @cached_property
    def people(self) -> dict[Role, Account]:
        """Somebody of each role of a member."""
        made = {}
        for role in PEOPLE:
            account = an_account(self.session, role, self.member)
            account.name = self.mark.word(f"person_{role.value}")
            account.email = self.mark.email(f"mail_{role.value}")
            made[role] = account
        self.session.flush()
        return made

    @cached_property
    def person(self) -> Account:
        return self.people[Role.SIGNATORY]

    @cached_property
    def coordinator(self) -> Account:
        return self.about.coordinator

    @property
    def signed(self) -> Declaration:
        """The member's own words beneath what it hands in."""
        return Declaration(self.mark.word("signed_name"), self.mark.word("signed_post"))

    @cached_property
    def site(self) -> Site:
        made = a_site(self.session, self.member, f"{self.mark.code}-S1")
        made.name_zh = f"{self.mark.word('site_zh')} 工厂"
        made.name_en = self.mark.word("site_en")
        return self._kept(made)

    @cached_property
    def inventory(self) -> Inventory:
        inventory = self._year(RETURNED_YEAR)
        returned = submissions.submit(self._as_supplier(), inventory, self.signed)
        self._finding(returned)
        reason = self.mark.word("return_reason")
        review.return_submission(self._as_coordinator(), returned.uid, reason)
        return inventory

    @cached_property
    def meter(self) -> Meter:
        """A meter with a corrected reading, a month that is a line, and a message that could not be taken."""
        work = self._as_supplier()
        made = a_meter(
            work,
            self.member,
            self.site,
            f"{self.mark.code}-E1",
            starts_on=date(RETURNED_YEAR, 1, 1),
            name=self.mark.word("meter"),
            serial=self.mark.word("serial"),
        )
        borders = {f"{RETURNED_YEAR}-01-01 00:00": "10", f"{RETURNED_YEAR}-02-01 00:00": "20"}
        some_readings(work, self.member, made, borders)
        corrected = {f"{RETURNED_YEAR}-02-01 00:00": "30"}
        reason = self.mark.word("reading_reason")
        some_readings(work, self.member, made, corrected, reason=reason)
        year = meter_months.year_of(work, made, RETURNED_YEAR)
        assert self.inventory.year == RETURNED_YEAR
        taken = metered_lines.take_over(work, self.member, year, [date(RETURNED_YEAR, 1, 1)])
        assert taken.lines == 1, taken.problems
        named = self.mark.word("named")
        unknown = (problem("reading.meter.unknown", "/meter", given=named),)
        meter_troubles.note_trouble(work, self.member, named, named.encode(), unknown)
        return made

    @cached_property
    def output(self) -> Output:
        query = select(Output).where(Output.inventory_id == self.inventory.id)
        return self.session.scalars(query).one()

    @cached_property
    def evidence(self) -> Evidence:
        return self.file_for(self.line, "bill")

    @cached_property
    def table_file(self) -> ImportFile:
        """A table of the member's own, whose texts nobody but its people may read."""
        made = ImportFile(
            uid=uuid4(),
            member_id=self.member.id,
            inventory_id=self.inventory.id,
            kind="free",
            name=f"{self.mark.word('table_name')}.csv",
            sha256=secrets.token_hex(32),
            size=5,
            locale="zh",
            state="ready",
            counts={"rows": 1},
            mapping=a_mapping(self.mark.word),
            preview={"survey": a_survey(self.mark.word)},
            uploaded_by=self.people[Role.REPORTER].id,
            uploaded_at=MOMENT,
        )
        return self._kept(made)

    @cached_property
    def import_mapping(self) -> ImportMapping:
        """What the member said of an earlier table."""
        mapping = {**a_mapping(), "titles": [self.mark.word("mapping_title")]}
        made = ImportMapping(
            member_id=self.member.id,
            shape=secrets.token_hex(32),
            mapping=mapping,
            used_at=MOMENT,
        )
        return self._kept(made)

    @cached_property
    def import_file(self) -> ImportFile:
        """A workbook that waits to be applied, and would change the text of a line."""
        word = self.mark.word
        change = {
            "sheet": "lines",
            "name": str(self.line.key),
            "number": 3,
            "place": f"{word('import_sheet')}!3",
            "fate": "changed",
            "about": word("import_about"),
            "conflicts": [],
            "cells": [
                {
                    "column": "note",
                    "base": word("import_base"),
                    "now": word("import_now"),
                    "file": word("import_text"),
                }
            ],
            "problems": [],
        }
        made = ImportFile(
            uid=uuid4(),
            member_id=self.member.id,
            inventory_id=self.inventory.id,
            kind="workbook",
            name=f"{word('import_name')}.xlsx",
            sha256=secrets.token_hex(32),
            size=5,
            locale="zh",
            state="ready",
            counts={"changed": 1},
            preview={"rows": [change], "problems": [], "missing": []},
            choices={f"{word('import_choice')}\tnote": "file"},
            uploaded_by=self.people[Role.REPORTER].id,
            uploaded_at=MOMENT,
        )
        return self._kept(made)

    def file_for(self, line: ActivityLine, word: str) -> Evidence:
        """A file behind a line, its bytes kept among the blobs."""
        content = f"month,kWh,{self.mark.word(f'{word}_content')}\n1,{self.mark.number}\n".encode()
        with self.about.blobs.receive(BytesIO(content), largest=len(content)) as received:
            self.about.blobs.keep(received)
        made = Evidence(
            uid=uuid4(),
            member_id=self.member.id,
            sha256=received.sha256,
            size=received.size,
            media_type="text/csv",
            name=f"{self.mark.word(f'{word}_name')}.csv",
            flags=[],
            uploaded_by=self.people[Role.REPORTER].id,
            uploaded_at=MOMENT,
        )
        self._kept(made)
        self._kept(LineEvidence(line_id=line.id, evidence_id=made.id))
        return made

    @cached_property
    def dossier_question(self) -> Finding:
        submitted = self._submitted_plan()
        found = self._finding(submitted)
        reason = self.mark.word("plan_return_reason")
        review.return_submission(self._as_coordinator(), submitted.uid, reason)
        return found

    @cached_property
    def target(self) -> Target:
        made = super().target
        made.note = self.mark.word("target_note")
        own = typed_target(
            kind="physical_intensity",
            product=self.mark.word("product"),
            note=self.mark.word("target_note"),
        )
        saved = targets.add_target(self._as_supplier(), self.plan, own)
        assert saved.target is not None, saved.problems
        return self._kept(made)

    @cached_property
    def action(self) -> Action:
        """An action that is done; some members let others copy it."""
        saved = actions.add_action(
            self._as_supplier(),
            self.plan,
            typed_action(
                **self._words(
                    "action", ["name", "note", "explanation", "owner_name", "owner_post"]
                ),
                **self._words("action", ("supervisor_name", "supervisor_post")),
                **{"milestones-0-name": self.mark.word("milestone")},
                method="stated",
                stated_t=f"{self.mark.number / 1_000_000:.6f}",
                how=self.mark.word("action_how"),
                site=self.site.code,
                status="done",
                capex=str(self.mark.number),
                may_be_copied="y" if self.lets_copy else "",
            ),
        )
        assert saved.action is not None, saved.problems
        return saved.action

    @cached_property
    def stopped_action(self) -> Action:
        """An action that was given up, for a reason."""
        saved = actions.add_action(
            self._as_supplier(),
            self.plan,
            typed_action(
                **self._words("stopped", ("name", "stopped_reason", "note")),
                site=self.site.code,
                status="stopped",
                percent="10",
            ),
        )
        assert saved.action is not None, saved.problems
        return saved.action

    @cached_property
    def report(self) -> Dossier:
        """An approved report of a year with its certificate, and one of a quarter of it that can be edited."""
        assert self.certificate.year == APPROVED_YEAR
        assert self.target.is_main
        assert self.stopped_action.id > self.action.id
        self._approve(self._submitted_plan())
        progress.begin_progress(self._as_supplier(), self.member, APPROVED_YEAR, 1)
        report = progress.begin_progress(self._as_supplier(), self.member, APPROVED_YEAR)
        for each in (self._report(1), report):
            self._fill(each)
        submitted = progress.submit_progress(self._as_supplier(), report, self.signed)
        self._approve(submitted)
        self._render(submitted)
        dossiers.revise(self._as_supplier(), self.plan)
        return report

    @cached_property
    def reported_file(self) -> Evidence:
        report = self._report(1)
        row = progress.find_row(self._as_supplier(), report, self.reported_action.uid)
        progress.link(self._as_supplier(), report, row.row, self.evidence)
        return self.evidence

    @cached_property
    def restatement(self) -> Dossier:
        made = super().restatement
        told = Typed({"trigger": "structure", "reason": self.mark.word("restatement_reason")})
        assert restatements.describe(self._as_supplier(), made, told) == ()
        dossiers.describe(
            self._as_supplier(), made, dict(made.detail), self.mark.word("restatement_note")
        )
        return made

    @cached_property
    def adjustment(self) -> object:
        typed = Typed(
            {
                "year": str(APPROVED_YEAR),
                "category": "heat.steam",
                "change_t": f"{self.mark.number / 1_000_000:.6f}",
                "reason": self.mark.word("adjustment_reason"),
            }
        )
        assert restatements.add_adjustment(self._as_supplier(), self.restatement, typed) == ()
        return restatements.adjustments_of(self.session, self.restatement.id)[0]

    @cached_property
    def submission(self) -> Submission:
        return submissions.submit(self._as_supplier(), self._year(SUBMITTED_YEAR), self.signed)

    @cached_property
    def certificate(self) -> Certificate:
        submitted = submissions.submit(
            self._as_supplier(), self._year(APPROVED_YEAR, factor=11), self.signed
        )
        self._approve(submitted)
        return self._render(submitted)

    @cached_property
    def trial(self) -> EditionTrial:
        about = {"trial_id": self.about.trial.id, "member_id": self.member.id}
        kg = self.mark.number
        row = {"year": APPROVED_YEAR, "category": "heat.steam", "scope": 2}
        self._kept(TrialRow(**about, **row, kg_before=kg, kg_after=kg * 2))
        self._kept(
            TrialDecision(
                **about,
                base_year=APPROVED_YEAR,
                change_percent=7,
                kg_change=kg,
                proposal="keep",
            )
        )
        decide = (self._as_coordinator(), self.about.trial, self.member, Decision.KEEP)
        trial_decisions.decide(*decide, self.mark.word("trial_reason"))
        return self.about.trial

    @cached_property
    def invitation(self) -> Invitation:
        made = invitations.invite(
            self._as_coordinator(),
            member=self.member,
            email=self.mark.email("invited"),
            roles={Role.VIEWER},
            language="en",
            token=secrets.token_urlsafe(32),
        )
        return self._kept(made)

    @cached_property
    def web_session(self) -> WebSession:
        made = super().web_session
        made.device = self.mark.word("device")
        return self._kept(made)

    @cached_property
    def passkey(self) -> Passkey:
        made = super().passkey
        made.name = self.mark.word("passkey")
        return self._kept(made)

    @cached_property
    def token(self) -> ApiToken:
        made = super().token
        made.name = self.mark.word("token")
        return self._kept(made)

    def fill(self) -> None:
        """Make all that an address can name, and say in each text whose it is."""
        for name in [
            "question",
            "evidence",
            "meter",
            "import_file",
            "table_file",
            "import_mapping",
            "output",
            "frozen_line",
            "finding",
            "certificate",
            "plan",
            "action_file",
            "reported_action",
            "reported_file",
            "adjustment",
            "invitation",
            "web_session",
            "passkey",
            "token",
            "trial",
        ]:
            getattr(self, name)
        self._edit_the_returned_year()
        self._remark()
        letters = self.session.scalars(select(Message).where(Message.member_id == self.member.id))
        for letter in letters.all():
            letter.error = self.mark.word("mail_error")
        self.job.error = self.mark.word("job_error")
        self._end_a_certificate()
        write_ledger(self.session, self.works)

    def uids(self) -> Iterator[str]:
        """The ids of everything that was made."""
        for thing in self.__dict__.values():
            found = getattr(thing, "uid", None) or getattr(thing, "key", None)
            if isinstance(found, UUID) and thing not in (self.about.coordinator, self.about.trial):
                yield str(found)

    def _edit_the_returned_year(self) -> None:
        supplier = self._as_supplier()
        review.answer_finding(supplier, self.question.uid, self.mark.word("answer"))
        inventories.write_note(supplier, self.inventory, self.mark.word("year_note"))
        for each in warnings.noticed(supplier, self.inventory)[:2]:
            reason = self.mark.word("explanation")
            about = (each.warning.code, each.warning.address)
            warnings.explain(supplier, self.inventory, *about, reason)
        self._let_a_warning_stand()

    def _let_a_warning_stand(self) -> None:
        """A warning about a product, which coordinators have settled."""
        product = self.mark.word("product")
        self._kept(
            StandingWarning(
                uid=uuid4(),
                member_id=self.member.id,
                year=RETURNED_YEAR,
                code="output.quantity.jump",
                subject=f"output/{product}",
                address=f"output/{product}#0badcafe",
                weight=2,
                values={
                    "values": {"product": product, "ratio": "3", "last": "2", "unit": "t"},
                    "lines": [],
                },
                state="resolved",
                level=0,
                turn=1,
                opened_at=MOMENT,
                due_on=MOMENT.date(),
                settled_at=MOMENT,
                settled_by=self.coordinator.id,
                reason=self.mark.word("settled_reason"),
            )
        )

    def _remark(self) -> None:
        for visibility in ("supplier", "internal"):
            review.add_finding(
                self._as_coordinator(),
                self.submission.uid,
                message=self.mark.word(f"finding_{visibility}"),
                visibility=visibility,
                line_key=self.frozen_line.key,
            )
        note, due_on = self.mark.word("reminder_note"), MOMENT.date()
        work = self._as_coordinator()
        notices.remind(work, MemberId(self.member.id), RETURNED_YEAR, due_on, note, due_on)

    def _end_a_certificate(self) -> None:
        progressed = select(Certificate).where(
            Certificate.member_id == self.member.id, Certificate.kind == Certified.PROGRESS.value
        )
        ended = self.session.scalars(progressed).one()
        reason = self.mark.word("revocation_reason")
        certificates.revoke(self._as_coordinator(), ended.uid, reason)

    def _year(self, year: int, factor: int = 10) -> Inventory:
        inventory = super()._year(year)
        work = self._as_supplier()
        raw = {
            "category": "electricity.grid",
            "quantity": f"{self.mark.number * factor / 10:.3f}",
            "unit": "kWh",
            "period": str(year),
            "site": self.site.code,
            "note": self.mark.word("line_note"),
        }
        unread = {**raw, "quantity": f"about {self.mark.word('typed_quantity')}"}
        rows = [SubmittedLine(0, raw)] + (
            [SubmittedLine(1, unread)] if year == RETURNED_YEAR else []
        )
        assert save_lines(work, inventory, rows, locale="en", keep_unfinished=True).is_kept
        product = RawOutput(self.mark.word("product"), str(self.mark.number), "t", "en", {})
        assert outputs.add_output(work, inventory, product).output is not None
        reason = self.mark.word("not_applicable")
        inventories.mark_not_applicable(work, inventory, "heat.steam", reason)
        inventories.write_note(work, inventory, self.mark.word("year_note"))
        return inventory

    def _submitted_plan(self) -> Submission:
        detail = dict(self.plan.detail)
        work = self._as_supplier()
        dossiers.describe(work, self.plan, detail, self.mark.word("plan_note"))
        return plans.submit_plan(work, self.plan, self.signed)

    def _report(self, quarter: int) -> Dossier:
        work = self._as_supplier()
        return dossiers.find(work, self.member, Kind.PROGRESS, APPROVED_YEAR, quarter)

    def _fill(self, report: Dossier) -> None:
        work = self._as_supplier()
        for each in progress.rows_of(self.session, report):
            status = each.row.status
            typed = {
                "status": status,
                "measured_t": f"{self.mark.number / 1_000_000:.6f}" if status == "done" else "",
                **self._words("progress", ("measured_how", "note")),
            }
            assert progress.save_row(work, report, each.row, Typed(typed)) == ()
        texts = {name: self.mark.word(name) for name in ("barriers", "help")}
        dossiers.describe(work, report, texts, self.mark.word("progress_note"))

    def _approve(self, submitted: Submission) -> None:
        review.approve_submission(self._as_coordinator(), submitted.uid)

    def _render(self, submitted: Submission) -> Certificate:
        """Seal a certificate and keep a paper of each kind; where nothing is printed, one that only says whose it is."""
        write_ledger(self.session, self.works)
        work = self._as_coordinator()
        made = self.session.scalars(
            select(Certificate).where(Certificate.submission_id == submitted.id)
        ).one()
        seal = seals.seal_certificate(work, made, certificates.CERTIFICATE, self.about.notary)
        for kind in PAPERS:
            paper = f"%PDF-1.7 {made.number} {self.mark.word(f'pdf_{kind}')}".encode()
            if kind in self.prints:
                paper = make(self._order(work, made, kind, seal))
            certificates.keep_document(work, made, kind, paper)
        return made

    def _order(self, work: Work, made: Certificate, kind: str, seal: Seal) -> Order:
        is_progress = made.kind == Certified.PROGRESS
        if kind == certificates.CERTIFICATE:
            what = Printed.PROGRESS_CERTIFICATE if is_progress else Printed.CERTIFICATE
            return Order(what, made.facts, seal)
        language = Language(kind.removeprefix("report_"))
        if is_progress:
            facts = canonical_json(progress_report_facts.assemble(work, made, language))
            return Order(Printed.PROGRESS_REPORT, facts)
        return Order(Printed.REPORT, canonical_json(report_facts.assemble(work, made, language)))

    def _finding(self, submission: Submission) -> Finding:
        made = super()._finding(submission)
        made.message = self.mark.word("finding")
        return self._kept(made)

    def _words(
        self, prefix: str, names: Iterator[str] | tuple[str, ...] | list[str]
    ) -> dict[str, str]:
        return {name: self.mark.word(f"{prefix}_{name}") for name in names}

    def _as_supplier(self) -> Work:
        self.works.append(work_of(self.session, self.person))
        return self.works[-1]

    def _as_coordinator(self) -> Work:
        self.works.append(work_of(self.session, self.coordinator))
        return self.works[-1]


@dataclass
class MarkedAlliance:
    """Members who differ in nothing but their marks; every other one lets others copy what it did."""

    alliance: Alliance
    staff: dict[Role, Account]
    shelves: list[MarkedShelf]


def a_marked_alliance(
    session: Session,
    blobs: Blobs,
    notary: Notary,
    *,
    members: int,
    prints: Container[str],
    seed: int,
) -> MarkedAlliance:
    """An alliance of so many members, some kinds of whose papers are real; the log is published and all is committed."""
    alliance = an_alliance(session, years=YEARS)
    people = {role: staff(session, role) for role in STAFF}
    common = Common(people[Role.COORDINATOR], a_trial(session), blobs, notary)
    shelves = [
        MarkedShelf(session, alliance, mark, common, place % 2 == 0, prints)
        for place, mark in enumerate(marks(members, seed))
    ]
    for shelf in shelves:
        shelf.fill()
    work = work_of(session, common.coordinator)
    signed = publishing.sign(work, notary)
    work.commit()
    publishing.publish(lambda: nullcontext(session), signed, notary)
    session.commit()
    return MarkedAlliance(alliance, people, shelves)


def one_more(session: Session, marked: MarkedAlliance, *, lets_copy: bool) -> None:
    """Let another member come, in a trial of its own as that of the others is decided; the caller commits."""
    common = replace(marked.shelves[0].about, trial=a_trial(session))
    mark = marks(1, seed=len(marked.shelves))[0]
    marked.shelves.append(MarkedShelf(session, marked.alliance, mark, common, lets_copy, ()))
    marked.shelves[-1].fill()
