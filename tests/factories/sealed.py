"""A ledger with all that it speaks of: a year handed in with its bill, approved, certified, sealed and rendered.

Unlike a Scene's own years, whose facts are never written, each step here is committed with its entry.
"""

from __future__ import annotations

import io
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from portal.services import certificates, evidence, publishing, review, seals, submissions
from portal.services.checkpoints import Notary
from portal.services.publishing import Signed
from portal.services.work import Work
from portal.store.blobs import Blobs
from portal.store.certificates import Certificate
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory
from portal.store.keys import KeyFolder
from portal.store.log_files import LogFolder
from portal.store.members import Member
from portal.store.submissions import Submission
from tests.factories.scenes import SIGNED, Scene
from tests.factories.years import a_year
from tests.keys import ORIGIN

BILL = b"month,kWh\n2025-01,120500\n"
LAID_AT = datetime(2024, 1, 1, tzinfo=UTC)


def a_notary(folder: Path) -> Notary:
    """A log key of its own, without the signer of documents, and an empty folder to publish in."""
    keys = KeyFolder(folder / "keys")
    keys.path.mkdir(mode=0o700)
    (keys.path / "signer.p12").touch()  # making RSA keys takes longer than most tests
    keys.lay(ORIGIN, LAID_AT)
    return Notary(keys, LogFolder(folder / "log"))


@dataclass
class Records:
    """A scene whose every step is committed with its entry; moments are minutes after the beginning."""

    scene: Scene
    notary: Notary
    blobs: Blobs
    minute: int = 0

    def supplier(self, member: Member) -> Work:
        """What the member's signatory does next."""
        self.minute += 1
        return self.scene.as_supplier(member.code, self.minute)

    def coordinator(self) -> Work:
        """What the coordinator does next."""
        self.minute += 1
        return self.scene.as_coordinator(self.minute)

    def member(self, code: str) -> Member:
        """A member that was always there."""
        made = self.scene.member(code)
        self.scene.session.commit()
        return made

    def bill(self, member: Member, content: bytes = BILL) -> Evidence:
        """A file that a member uploads."""
        work = self.supplier(member)
        with evidence.inspected(self.blobs, io.BytesIO(content), "bill.csv") as file:
            row, problems = evidence.keep(work, self.blobs, member, file)
        work.commit()
        assert row is not None, problems
        return row

    def handed_in(self, member: Member, year: int = 2025) -> Submission:
        """A year as it is now, handed in."""
        query = select(Inventory).where(Inventory.member_id == member.id, Inventory.year == year)
        work = self.supplier(member)
        inventory = work.session.scalars(query).one_or_none()
        if inventory is None:
            inventory = a_year(work, member, self.scene.sites[member.code], year)
        submitted = submissions.submit(work, inventory, SIGNED)
        work.commit()
        return submitted

    def approved(self, submitted: Submission) -> Certificate:
        """The certificate of a year that is approved now, not rendered yet."""
        work = self.coordinator()
        review.approve_submission(work, submitted.uid, with_report=False)
        work.commit()
        return self.scene.certificate(submitted)

    def rendered(self, certificate: Certificate) -> Certificate:
        """Seal a certificate and keep some bytes for its PDF."""
        work = self.coordinator()
        seals.seal_certificate(work, certificate, certificates.CERTIFICATE, self.notary)
        work.commit()
        content = f"%PDF of {certificate.number}".encode()
        certificates.keep_document(work, certificate, certificates.CERTIFICATE, content)
        work.commit()
        return certificate

    def certified(self, member: Member, year: int = 2025) -> Certificate:
        """A member's year on the whole way."""
        return self.rendered(self.approved(self.handed_in(member, year)))

    def corrected(self, certificate: Certificate, member: Member) -> Certificate:
        """Reopen what was certified, and certify the next version, which takes its place."""
        work = self.coordinator()
        submission = work.session.get_one(Submission, certificate.submission_id)
        review.reopen(work, submission.uid, "A meter was read wrongly.")
        work.commit()
        return self.certified(member, certificate.year)

    def signed(self) -> Signed:
        """The head of the log as it is signed now."""
        work = self.coordinator()
        signed = publishing.sign(work, self.notary)
        work.commit()
        return signed

    def published(self) -> Signed:
        """The log as it is signed and published now."""
        signed = self.signed()
        publishing.publish(lambda: nullcontext(self.scene.session), signed, self.notary)
        self.scene.session.commit()
        return signed
