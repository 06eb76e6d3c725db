"""The main actions of the portal, each ready to be done over and over until it succeeds, as its person does it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl

from portal.domain.actors import Role
from portal.http import clock
from portal.services import certificates, invitations, password_resets, progress, review
from portal.services.work import write_ledger
from portal.store.accounts import Account
from portal.store.members import Member
from portal.store.submissions import Finding
from tests.browsers import PASSWORD, Browser
from tests.factories.meters import a_meter, some_readings
from tests.factories.plans import a_progress_report, a_submitted_plan, an_approved_plan
from tests.factories.scenes import SIGNED, Scene
from tests.factories.suppliers import an_account, work_of

YEAR = "/supplier/inventories/2025"
Attempt = Callable[[], Any]


@dataclass(slots=True)
class People:
    """The scene, and ways for its people into the portal."""

    scene: Scene
    member: Member
    log_in: Callable[..., Browser]
    new_browser: Callable[[], Browser]

    @property
    def signatory(self) -> Browser:
        """The member's signatory, logged in."""
        return self._in(self.scene.people[self.member.code])

    @property
    def coordinator(self) -> Browser:
        """The coordinator, logged in."""
        return self._in(self.scene.coordinator)

    def _in(self, account: Account) -> Browser:
        self.scene.session.commit()
        return self.log_in(account)


def save_lines(people: People) -> Attempt:
    """A new line, and another that says something else now."""
    people.scene.draft(people.member)
    browser = people.signatory
    page = browser.get(f"{YEAR}/lines").text
    first = {
        "key": _first_key(page),
        "version": "1",
        "quantity": "321",
        "category": "electricity.grid",
    }
    new = {"key": "11111111-1111-4111-8111-111111111111", "version": "", "quantity": "123"}
    row = {"category": "electricity.grid", "unit": "MWh", "period": "2025-05", "site": "S1"}
    values = {f"lines-0-{name}": value for name, value in first.items()}
    values |= {f"lines-1-{name}": value for name, value in {**row, **new}.items()}
    return sending(browser, f"{YEAR}/lines", {**values, "act": "leave"})


def paste_lines(people: People) -> Attempt:
    """Twenty lines at once."""
    people.scene.draft(people.member)
    rows = [f"electricity.grid\t{100 + n}\tMWh\t2025-0{1 + n % 9}\tS1" for n in range(20)]
    values = {"block": "\n".join(rows), "act": "save"}
    return sending(people.signatory, f"{YEAR}/lines/paste", values)


def upload_evidence(people: People) -> Attempt:
    """A bill for a line."""
    people.scene.draft(people.member)
    browser = people.signatory
    page = browser.get(f"{YEAR}/lines").text
    path = f"{YEAR}/lines/{_first_key(page)}/evidence"
    token = browser.token(path)

    def attempt() -> Any:
        file = (BytesIO(b"month,kWh\n2025-01,77\n"), "bill.csv")
        return browser.post(path, {"file": file, "csrf_token": token})

    return attempt


def record_readings(people: People) -> Attempt:
    """A reading, typed in front of the meter."""
    path = f"/supplier/meters/{_metered(people)}/readings/new"
    return sending(people.signatory, path, {"ts": "2025-03-01T08:00", "value": "1350"})


def take_over_months(people: People) -> Attempt:
    """A month of a meter becomes a line."""
    people.scene.draft(people.member)
    page = f"/supplier/meters/{_metered(people)}"
    return sending(people.signatory, f"{page}/months", {"months": "2025-01"}, page=page)


def _metered(people: People) -> object:
    """A meter with its first month."""
    code = people.member.code
    work = people.scene.as_supplier(code)
    site = people.scene.sites[code]
    meter = a_meter(work, people.member, site, "E1", starts_on=date(2025, 1, 1))
    borders = {"2025-01-01 00:00": "1000", "2025-02-01 00:00": "1100"}
    some_readings(work, people.member, meter, borders)
    return meter.uid


def upload_workbook(people: People) -> Attempt:
    """The workbook of the year comes back with another quantity."""
    people.scene.draft(people.member)
    return _uploading(people.signatory)


def apply_workbook(people: People) -> Attempt:
    """What the workbook changes is applied."""
    people.scene.draft(people.member)
    browser = people.signatory
    address = _uploading(browser)().headers["Location"]
    return sending(browser, f"{address}/apply", {"act": "apply"}, page=address)


def _uploading(browser: Browser) -> Attempt:
    book = openpyxl.load_workbook(BytesIO(browser.get(f"{YEAR}/workbook/file?language=en").data))
    sheet = book["Activity data"]
    column = next(cell.column for cell in sheet[1] if cell.value == "lines.quantity")
    sheet.cell(3, column).value = 654
    out = BytesIO()
    book.save(out)
    token = browser.token(f"{YEAR}/workbook")

    def attempt() -> Any:
        file = (BytesIO(out.getvalue()), "book.xlsx")
        return browser.post(f"{YEAR}/workbook", {"file": file, "csrf_token": token})

    return attempt


def submit_inventory(people: People) -> Attempt:
    """The year is signed and handed in."""
    people.scene.draft(people.member)
    return _signing(people.signatory)


def answer_question(people: People) -> Attempt:
    """A question of the reviewer is answered."""
    people.scene.returned(people.member)
    finding = people.scene.session.query(Finding).one()
    values = {f"{finding.uid}-answer": "Two shifts."}
    path = f"{YEAR}/questions"
    return sending(people.signatory, f"{path}/{finding.uid}", values, page=path)


def submit_again(people: People) -> Attempt:
    """The year is handed in again, after its question was answered."""
    people.scene.returned(people.member)
    finding = people.scene.session.query(Finding).one()
    review.answer_finding(people.scene.as_supplier(people.member.code, 3), finding.uid, "Shifts.")
    return _signing(people.signatory)


def return_submission(people: People) -> Attempt:
    """The year goes back with a reason."""
    waiting = people.scene.waiting(people.member)
    path = f"/coordinator/submissions/{waiting.uid}/return"
    return sending(people.coordinator, path, {"reason": "Please check."})


def approve_inventory(people: People) -> Attempt:
    """The year is approved, so a certificate is to be issued."""
    return _approving(people, people.scene.waiting(people.member).uid)


def approve_plan(people: People) -> Attempt:
    """The plan is approved."""
    people.scene.approved(people.member, 2024)
    return _approving(people, a_submitted_plan(people.scene, people.member).uid)


def approve_progress(people: People) -> Attempt:
    """The progress report is approved, so a certificate is to be issued."""
    scene, member = people.scene, people.member
    scene.approved(member, 2024, minutes=1)
    scene.approved(member, 2025, minutes=3)
    an_approved_plan(scene, member)
    report = a_progress_report(scene, member, 2025)
    work = scene.as_supplier(member.code, 21)
    submitted = progress.submit_progress(work, report, SIGNED)
    work.commit()
    return _approving(people, submitted.uid)


def revoke_certificate(people: People) -> Attempt:
    """A valid certificate ends."""
    made = people.scene.certificate(people.scene.approved(people.member, 2024))
    certificates.keep_document(people.scene.as_coordinator(9), made, "certificate", b"%PDF")
    path = f"/coordinator/certificates/{made.uid}/revoke"
    return sending(people.coordinator, path, {"reason": "Given for the wrong site."})


def invite_person(people: People) -> Attempt:
    """Somebody is invited to report for the member."""
    path = f"/coordinator/members/{people.member.uid}/invitations/"
    values = {"email": "new@example.com", "language": "en", "roles": "reporter"}
    return sending(people.coordinator, path, values)


def accept_invitation(people: People) -> Attempt:
    """The invited person chooses a name and a password."""
    token = secrets.token_urlsafe(32)
    work = work_of(people.scene.session, people.scene.coordinator)
    work.moment = clock.now()
    invitations.invite(
        work,
        member=people.member,
        email="new@example.com",
        roles={Role.REPORTER},
        language="en",
        token=token,
    )
    write_ledger(people.scene.session, [work])
    people.scene.session.commit()
    values = {"name": "New", "language": "en", "password": PASSWORD, "again": PASSWORD}
    return sending(people.new_browser(), f"/invitation/{token}", values)


def reset_password(people: People) -> Attempt:
    """A forgotten password is replaced with the link of the letter."""
    token = secrets.token_urlsafe(32)
    account = an_account(people.scene.session, Role.VIEWER, people.member)
    work = work_of(people.scene.session, account)
    work.moment = clock.now()
    assert password_resets.send(work, account.email, token)
    people.scene.session.commit()
    values = {"password": PASSWORD, "again": PASSWORD}
    return sending(people.new_browser(), f"/login/reset/{token}", values)


def sending(
    browser: Browser, path: str, values: dict[str, str], *, page: str | None = None
) -> Attempt:
    """Send the same form as often as it takes."""
    token = browser.token(page or path)
    return lambda: browser.post(path, {**values, "csrf_token": token})


def _first_key(page: str) -> str:
    return page.split('name="lines-0-key" value="', 1)[1][:36]


def _signing(browser: Browser) -> Attempt:
    page = f"{YEAR}/check"
    seen = browser.get(page).text.split('name="seen"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    return sending(browser, f"{YEAR}/submit", {"seen": seen, "declared": "y"}, page=page)


def _approving(people: People, uid: object) -> Attempt:
    page = f"/coordinator/submissions/{uid}"
    return sending(people.coordinator, f"{page}/approve", {}, page=page)


ACTIONS: tuple[Callable[[People], Attempt], ...] = (
    save_lines,
    paste_lines,
    upload_evidence,
    record_readings,
    take_over_months,
    upload_workbook,
    apply_workbook,
    submit_inventory,
    answer_question,
    submit_again,
    return_submission,
    approve_inventory,
    approve_plan,
    approve_progress,
    revoke_certificate,
    invite_person,
    accept_invitation,
    reset_password,
)
