"""What the coordinator does on the main path."""

from __future__ import annotations

from passlib.totp import TOTP
from playwright.sync_api import Locator, expect

from tests.browsers import PASSWORD
from tests.journeys.acts import Person

REASON = "Two figures need a look. Please answer each question, then submit again."
QUESTIONS = ("Does January include workshop 2?", "Please attach the meter reading.")


class Coordinator(Person):
    """Somebody of the alliance who reviews."""

    def logs_in_for_the_first_time(self) -> None:
        """With the password; then the second factor is asked for before anything is shown."""
        w = self.w
        self.goes_to("/login")
        self.writes("email", "coordinator@people.example")
        self.writes("password", PASSWORD)
        self.presses(w("Log in"))
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
        self._opens_the_only_one_waiting()
        self.reads(w("first submission"))
        for place, question in enumerate(QUESTIONS):
            row = self._row(place)
            row.locator("summary").click()
            row.locator("textarea").fill(question)
            self.presses(w("Ask the supplier"), row)
            self.reads(question)
        self.follows(w.counted("Return with %(num)s question", "Return with %(num)s questions", 2))
        self.presses(w("Return to the supplier"))
        self.reads(w("Say why you return it, so that the supplier knows what to do"))
        self.writes("reason", REASON)
        self.presses(w("Return to the supplier"))
        self.reads(
            w("%(member)s %(year)s: returned. The supplier has been told by mail.").split(
                "%(year)s", 1
            )[1]
        )

    def sees_the_correction_and_approves(self) -> None:
        """The changed line stands there as it was and as it is; both answers are accepted."""
        w = self.w
        self._opens_the_only_one_waiting()
        self.reads(w("since version %(number)s", number=1))
        row = self._row(0)
        expect(row.locator("del")).to_contain_text("120.5 MWh")
        expect(row.locator("ins")).to_contain_text("121.5 MWh")
        self.reads("It did. Corrected.", "It is attached now.")
        for _ in QUESTIONS:
            self.presses(w("Accept the answer"))
        self.presses(w("Approve"))
        self.reads(
            w("%(member)s %(year)s: approved. The certificate is being issued.").split(
                "%(year)s", 1
            )[1]
        )

    def _opens_the_only_one_waiting(self) -> None:
        w = self.w
        self.goes_to("/coordinator/")
        self.goes_to("/coordinator/submissions/")
        self.reads_heading(w("Review queue"))
        rows = self.page.locator("tbody tr")
        expect(rows).to_have_count(1)
        rows.first.get_by_role("link").first.click()
        self.page.wait_for_load_state()
        self.reads_heading("2025")

    def _row(self, place: int) -> Locator:
        return self.page.locator("tr.review-line").nth(place)
