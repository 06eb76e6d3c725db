"""A supplier whose whole path is approved, as an auditor meets it, and bundles of it as files to read and to forge.

Every step is committed with its ledger entries, as it is in earnest.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.domain.canonical import digest_of_bytes
from portal.domain.submissions import Kind
from portal.domain.trials import Decision as TrialChoice
from portal.intake.typed import Typed
from portal.services import (
    actions,
    certificates,
    dossiers,
    evidence,
    inventories,
    outputs,
    plans,
    progress,
    restatements,
    review,
    submissions,
    targets,
    trial_decisions,
    trial_figures,
)
from portal.services.bundles import gathering, writing
from portal.services.bundles.about import MANIFEST
from portal.services.bundles.papers import json_bytes
from portal.services.outputs import RawOutput
from portal.services.recomputation.whole import Measured, Opened
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.lines import ActivityLine
from portal.store.members import Member
from portal.store.restatements import EditionTrial
from portal.store.submissions import Submission
from tests.factories.plans import SIGNED, typed_action
from tests.factories.scenes import Scene
from tests.factories.suppliers import EDITION
from tests.factories.years import a_line

BILL = "读数,千瓦时\r\n2024,120500\r\n".encode()


@dataclass
class Audit:
    """One member's path; `minutes` goes on by itself, so that nothing happens at one moment."""

    scene: Scene
    member: Member
    blobs: Blobs
    minutes: int = 0
    through: str = ""  # the token of a program that hands in

    def step(self) -> int:
        """The next minute."""
        self.minutes += 1
        return self.minutes

    def bill(self) -> Evidence:
        """The member's bill, its bytes kept among the blobs."""
        work = self.scene.as_supplier(self.member.code, self.step())
        with evidence.inspected(self.blobs, BytesIO(BILL), "电费 =1+1.csv") as inspected:
            row, problems = evidence.keep(work, self.blobs, self.member, inspected)
        assert row is not None, problems
        work.commit()
        return row

    def inventory(self, year: int, *, factor: str = "1", bill: Evidence | None = None) -> Inventory:
        """A year with sources of all scopes, a product, and a bill behind its first line."""
        work = self.scene.as_supplier(self.member.code, self.step())
        inventory = inventories.open_inventory(work, self.member, year)
        site = self.scene.sites[self.member.code]
        for place, (category, quantity, unit, parameters) in enumerate(_SOURCES, start=1):
            amount = str(Decimal(quantity) * Decimal(factor))
            a_line(
                work,
                inventory,
                site,
                place,
                category=category,
                quantity=amount,
                unit=unit,
                parameters=dict(parameters),
            )
        made = RawOutput("纸箱", str(1000 + year - 2024), "t", "en", {})
        assert outputs.add_output(work, inventory, made).output is not None
        if bill is not None:
            first = work.session.scalars(
                select(ActivityLine).where(ActivityLine.inventory_id == inventory.id).limit(1)
            ).one()
            evidence.link(work, inventory, [first.key], bill)
        work.commit()
        return inventory

    def approve(self, submit: Callable[..., Submission], subject: object) -> Submission:
        """Hand something in and approve it; the certificate is rendered, in a way."""
        work = self.scene.as_supplier(self.member.code, self.step())
        work.through = self.through
        submitted = submit(work, subject, SIGNED)
        work.commit()
        deciding = self.scene.as_coordinator(self.step())
        review.approve_submission(deciding, submitted.uid)
        query = select(Certificate).where(Certificate.submission_id == submitted.id)
        certificate = deciding.session.scalars(query).one_or_none()
        if certificate is not None:
            paper = f"%PDF-1.7 {certificate.number}".encode()
            certificates.keep_document(deciding, certificate, "certificate", paper)
        deciding.commit()
        return submitted

    def year(self, year: int, *, factor: str = "1", bill: Evidence | None = None) -> Submission:
        """An approved year."""
        return self.approve(submissions.submit, self.inventory(year, factor=factor, bill=bill))

    def resubmit(self, year: int) -> Submission:
        """A year that was reopened, handed in as it was and approved again."""
        work = self.scene.as_supplier(self.member.code, self.step())
        inventory = inventories.find_inventory(work, self.member, year)
        return self.approve(submissions.submit, inventory)

    def plan(self) -> Submission:
        """An approved plan with the alliance's target, one of each kind of estimate, and an overlap."""
        work = self.scene.as_supplier(self.member.code, self.step())
        plan = plans.begin_plan(work, self.member)
        assert targets.adopt(work, plan).target is not None
        for typed in _ACTIONS:
            saved = actions.add_action(work, plan, typed)
            assert saved.action is not None, saved.problems
        work.commit()
        return self.approve(plans.submit_plan, plan)

    def revised_plan(self) -> Submission:
        """The plan's next version, as it was."""
        work = self.scene.as_supplier(self.member.code, self.step())
        plan = dossiers.revise(work, dossiers.find(work, self.member, Kind.PLAN))
        work.commit()
        return self.approve(plans.submit_plan, plan)

    def progress(self, year: int, quarter: int = 0, *, bill: Evidence | None = None) -> Submission:
        """An approved report: the first action was carried out and measured, the others stand as planned."""
        work = self.scene.as_supplier(self.member.code, self.step())
        report = progress.begin_progress(work, self.member, year, quarter)
        row = progress.rows_of(work.session, report)[0].row
        typed = Typed({"status": "done", "measured_t": "5.25", "measured_how": "Meters"})
        assert progress.save_row(work, report, row, typed) == ()
        if bill is not None:
            progress.link(work, report, row, bill)
        progress.confirm_rest(work, report)
        work.commit()
        return self.approve(progress.submit_progress, report)

    def recalculation(self, *changes: tuple[int, str, str]) -> Submission:
        """An approved recalculation of years by category, in t."""
        work = self.scene.as_supplier(self.member.code, self.step())
        dossier = restatements.begin_restatement(work, self.member)
        told = Typed({"trigger": "structure", "reason": "A plant was bought."})
        assert restatements.describe(work, dossier, told) == ()
        for year, category, tonnes in changes:
            typed = Typed({"year": str(year), "category": category, "change_t": tonnes})
            assert restatements.add_adjustment(work, dossier, typed) == ()
        work.commit()
        return self.approve(restatements.submit_restatement, dossier)

    def restated_by_trial(self, gwp_set: str) -> EditionTrial:
        """Another set of potentials was tried, and decided to restate the member's years."""
        work = self.scene.as_coordinator(self.step())
        trial = EditionTrial(
            uid=work.new_uid(),
            edition=EDITION,
            gwp_set=gwp_set,
            state="ready",
            threshold_percent=Decimal(5),
            asked_at=work.moment,
            ready_at=work.moment,
        )
        work.session.add(trial)
        work.session.flush()
        tried = trial_figures.figures_of(work.session, trial, self.member.id)
        trial_figures.keep(work, trial, [tried])
        trial_decisions.decide(work, trial, self.member, TrialChoice.RESTATE, "As proposed.")
        work.commit()
        return trial

    def whole_path(self) -> dict[Kind, Submission]:
        """One approved submission of each kind, each standing on those before it."""
        bill = self.bill()
        self.year(2024, bill=bill)
        plan = self.plan()
        recalculation = self.recalculation((2024, "heat.steam", "40"))
        inventory = self.year(2025, factor="0.9", bill=bill)
        report = self.progress(2025, bill=bill)
        return {
            Kind.BASELINE: inventory,
            Kind.PLAN: plan,
            Kind.RESTATEMENT: recalculation,
            Kind.PROGRESS: report,
        }

    def files(self, submission: Submission | UUID, *, with_files: bool = False) -> dict[str, bytes]:
        """The bundle of a submission as the coordinator takes it, unpacked."""
        with zipfile.ZipFile(BytesIO(self.packed(submission, with_files=with_files))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def packed(self, submission: Submission | UUID, *, with_files: bool = False) -> bytes:
        """The bundle of a submission as the coordinator takes it."""
        uid = submission if isinstance(submission, UUID) else submission.uid
        gathered = gathering.gather(self.scene.as_coordinator(99), uid, with_files=with_files)
        out = BytesIO()
        writing.write(gathered, self.blobs, out)
        return out.getvalue()


def opened(files: Mapping[str, bytes]) -> Opened:
    """An unpacked bundle as it is after reading."""
    return Opened(
        {name: Measured(digest_of_bytes(each), len(each)) for name, each in files.items()},
        {name: each for name, each in files.items() if not name.startswith("evidence/")},
        {name: json.loads(each) for name, each in files.items() if name.endswith(".json")},
    )


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as a ZIP."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that fits them, as a forger makes it."""
    listed: dict[str, Any] = {
        name: {"sha256": digest_of_bytes(content), "size": len(content)}
        for name, content in files.items()
        if name != MANIFEST
    }
    return {**files, MANIFEST: json_bytes({"files": listed})}


_SOURCES: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
    ("electricity.grid", "1205.5", "MWh", {"green_certificates": "100"}),
    ("electricity.own_pv", "310", "MWh", {"certificates": "kept"}),
    ("stationary.natural_gas", "86200", "m³", {}),
    ("mobile.diesel", "7300", "L", {}),
    ("livestock.enteric", "120", "head", {"animal": "dairy_breeding_lactating"}),
    ("freight.road", "410000", "t·km", {"vehicle": "truck"}),
    ("water.supply", "5200", "m³", {}),
)

_ACTIONS = (
    typed_action(start="2025-01-01"),
    typed_action(name="Dim the lights", percent="4", start="2025-03-01", ramp_months="6"),
    typed_action(
        name="Burn less gas",
        category="stationary.natural_gas",
        method="quantity",
        quantity="9000",
        unit="m³",
        leakage_t="0.5",
    ),
    typed_action(
        name="Drive on power",
        category="mobile.diesel",
        method="switch",
        quantity="2000",
        unit="L",
        to_category="electricity.grid",
        to_quantity="6000",
        to_unit="kWh",
    ),
    typed_action(
        name="Sell the cartons twice",
        category="mobile.diesel",
        method="stated",
        ledger="avoided",
        stated_t="3.5",
        how="By our own study",
    ),
)
