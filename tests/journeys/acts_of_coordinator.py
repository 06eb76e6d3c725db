"""What the coordinator does on the main path."""

from __future__ import annotations

from passlib.totp import TOTP
from playwright.sync_api import Locator, expect

from tests.journeys.acts import Person

REASON = "Two figures need a look. Please answer each question, then submit again."
QUESTIONS = ("Does January include workshop 2?", "Please attach the meter reading.")


class Coordinator(Person):
    """Somebody of the alliance who reviews."""

    def logs_in_for_the_first_time(self) -> None:
        """With the password; then the second factor is asked for before anything is shown."""
        w = self.w
        self.logs_in("coordinator@people.example")
        self.goes_to("/coordinator/")
        self.reads_heading(w("Second factor"))
        self.presses(w("Set up an authenticator app"))
        key = self.page.locator(".setup-key").inner_text().replace(" ", "").replace("-", "")
        self.writes("code", str(TOTP(key=key).generate().token))
        self.presses(w("Check the code and switch it on"))
        self.goes_to("/coordinator/")
        self.reads_heading(w("Overview"))

    def invites(self, member: str, address: str) -> None:
        """One person who fills in and signs."""
        w = self.w
        self.goes_to("/coordinator/members/")
        row = self.page.get_by_role("row").filter(has_text=member)
        row.get_by_role("link").first.click()
        self.follows(w("Invite a person"))
        self.writes("email", address)
        self.ticks(w("Reporter"))
        self.ticks(w("Signatory"))
        self.page.locator(f'[name="language"][value^="{self.portal.way.language}"]').check()
        self.presses(w("Send the invitation"))
        self.reads(w("The invitation is on its way."), address)

    def asks_two_questions_and_returns(self) -> None:
        """On two lines, and with a reason, without which it isn't sent."""
        w = self.w
        self.opens_the_only_one_waiting("2025")
        self.reads(w("first submission"))
        for place, question in enumerate(QUESTIONS):
            row = self.row(place)
            row.locator("summary").click()
            row.locator("textarea").fill(question)
            self.presses(w("Ask the supplier"), row)
            self.reads(question)
        self.returns(2)

    def sees_the_correction_and_approves(self) -> None:
        """The changed line stands there as it was and as it is; both answers are accepted."""
        w = self.w
        self.opens_the_only_one_waiting("2025")
        self.reads(w("since version %(number)s", number=1))
        row = self.row(0)
        expect(row.locator("del")).to_contain_text("120.5 MWh")
        expect(row.locator("ins")).to_contain_text("121.5 MWh")
        self.reads("It did. Corrected.", "It is attached now.")
        for _ in QUESTIONS:
            self.accepts_an_answer()
        self.approves("%(member)s %(year)s: approved. The certificate is being issued.")

    def accepts_an_answer(self) -> None:
        """The first that waits; what is pressed next is pressed on the page that says so."""
        waiting = self.page.get_by_role("button", name=self.w("Accept the answer"), exact=True)
        count = waiting.count()
        self.presses(self.w("Accept the answer"))
        expect(waiting).to_have_count(count - 1)

    def approves(self, words: str) -> None:
        """With one press; the answer names the member and the year."""
        self.presses(self.w("Approve"))
        self.reads(self.w(words).split("%(year)s", 1)[1])

    def returns(self, questions: int) -> None:
        """Only with a reason."""
        w = self.w
        self.follows(
            w.counted("Return with %(num)s question", "Return with %(num)s questions", questions)
        )
        self.presses(w("Return to the supplier"))
        self.reads(w("Say why you return it, so that the supplier knows what to do"))
        self.writes("reason", REASON)
        self.presses(w("Return to the supplier"))
        self.reads(
            w("%(member)s %(year)s: returned. The supplier has been told by mail.").split(
                "%(year)s", 1
            )[1]
        )

    def opens_the_only_one_waiting(self, heading: str) -> None:
        """The first of the queue, which has no other."""
        w = self.w
        self.goes_to("/coordinator/")
        self.goes_to("/coordinator/submissions/")
        self.reads_heading(w("Review queue"))
        rows = self.page.locator("tbody tr")
        expect(rows).to_have_count(1)
        rows.first.get_by_role("link").first.click()
        self.page.wait_for_load_state()
        self.reads_heading(heading)

    def row(self, place: int) -> Locator:
        """A line or a part of what is under review."""
        return self.page.locator("tr.review-line").nth(place)
