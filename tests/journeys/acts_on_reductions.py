"""What supplier and coordinator do about a plan and its progress."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from portal import data
from portal.domain.levers import METHOD_NAMES, Method
from portal.domain.progress import OFF_PATH_NAMES, OffPath
from tests.journeys.acts import PATIENCE_MS, Person
from tests.journeys.acts_of_coordinator import Coordinator
from tests.journeys.cast import BILL

QUESTION = "Which meters show this saving?"
ANSWER = "Meters 3 and 4; the name says so now."
OWN_ACTIONS = (
    {"name": "空压机泄漏修复", "percent": "4"},
    {"name": "办公区空调控制", "percent": "1.5"},
)
CORRECTED = "空压机泄漏修复（3、4 号表）"
FROM_LIBRARY = 5
MEASURED_T = "41.5"


def level_reached(language: str) -> str:
    """The name of the level that a plan without a fall of emissions comes to."""
    (level,) = (each for each in data.load_programme()["level"] if each["id"] == "committed")
    name: str = level[f"name_{language}"]
    return name


class Planner(Person):
    """Somebody of a member who plans, reports and signs."""

    def adopts_the_alliances_target(self) -> None:
        """A plan begins empty, and with what the alliance asks for."""
        w = self.w
        self.goes_to("/supplier/")
        self.follows(w("Reduction plan"))
        self.presses(w("Begin the plan"))
        self.reads(w("No target yet"), w("No action yet"))
        self.follows(w("Adopt the alliance’s target"))
        self.writes("percent", "1")
        self.presses(w("Adopt"))
        expect(self.page.locator(".error-summary li")).to_have_count(1)
        self.writes("percent", "45")
        self.presses(w("Adopt"))
        self.reads(w("The target is in your plan."), w("Leading"))

    def adds_five_actions_from_the_library(self) -> None:
        """Those that say what they would save at this company, and need no amount besides."""
        w = self.w
        for place in range(FROM_LIBRARY):
            self.goes_to("/supplier/plan")
            self.follows(w("Choose from the library"))
            known = self.page.locator(".lever").filter(has=self.page.locator(".lever-range strong"))
            shares = known.filter(has_text=w(METHOD_NAMES[Method.SHARE]))
            shares.nth(place).locator(".lever-act a").click()
            self.page.wait_for_load_state()
            self.writes("start", "2024-01-01")
            self._names_who_is_accountable()
            self.presses(w("Save"))
            self.reads(w("Saved."))

    def adds_two_own_actions(self) -> None:
        """Each with its site, source and a share; what is missing is asked for, and nothing that was typed is lost."""
        w = self.w
        for action in OWN_ACTIONS:
            self.goes_to("/supplier/plan")
            self.follows(w("Add your own action"))
            self.writes("name", action["name"])
            self.presses(w("Save"))
            expect(self.page.locator(".error-summary li")).not_to_have_count(0)
            expect(self.page.locator("[name=name]")).to_have_value(action["name"])
            self.writes("category", "electricity.grid")
            self.writes("site", "S1")
            self.page.locator('[name="method"][value="share"]').check()
            self.writes("percent", action["percent"])
            self.writes("start", "2024-01-01")
            self._names_who_is_accountable()
            self.presses(w("Save"))
            self.reads(w("Saved."))
        self.goes_to("/supplier/plan")
        expect(self._actions()).to_have_count(FROM_LIBRARY + len(OWN_ACTIONS))

    def _names_who_is_accountable(self) -> None:
        self.writes("owner_name", "韩梅梅")
        self.writes("owner_post", "能源主管")
        self.writes("lifetime_years", "8")
        self.writes("capex", "60,000")
        self.writes("milestones-0-name", "验收")
        self.writes("milestones-0-due", "2024-03-31")

    def _actions(self) -> Locator:
        return self.page.locator("#actions tbody tr")

    def signs(self, home: str, *, version: int) -> None:
        """The plan or a report, only with the declaration."""
        w = self.w
        self.goes_to(home)
        self.follows(w("Check and submit"))
        self.signs_here(version)

    def answers_and_changes_the_action(self) -> None:
        """The question leads to its action."""
        w = self.w
        self.goes_to("/supplier/plan")
        self.follows(w("Answer the questions"))
        self.page.locator(".questions > li textarea").fill(ANSWER)
        self.presses(w("Keep the answer"))
        self.page.locator(".questions > li").get_by_role("link").click()
        self.page.wait_for_load_state()
        self.writes("name", CORRECTED)
        self.presses(w("Save"))
        self.reads(w("Saved."))

    def confirms_the_progress(self) -> None:
        """One action with what was measured and its proof, the others as they were filled in."""
        w = self.w
        self.goes_to("/supplier/")
        self.follows(w("Progress of %(year)s", year=2024))
        row = self.page.get_by_role("row").filter(has_text="2024")
        self.presses(w("Begin") + " 2024", row)
        self.reads(w("Why it changed since %(year)s", year=2023), w("Prefilled"))
        self.follows(CORRECTED)
        self.follows(w("Add or take away files"))
        self.page.locator("[name=file]").set_input_files(
            {"name": "meters.csv", "mimeType": "text/csv", "buffer": BILL + b"4,99\r\n"}
        )
        self.page.locator("[data-upload]").get_by_role(
            "button", name=w("Upload"), exact=True
        ).click()
        expect(self.page.locator(".files")).to_contain_text("meters.csv", timeout=PATIENCE_MS)
        self.follows(w("Back to the action"))
        self.writes("status", "done")
        self.writes("measured_t", MEASURED_T)
        self.presses(w("Confirm"))
        expect(self.page.locator(".error-summary li")).to_have_count(1)
        self.writes("measured_how", "表计 3、4，前后各三个月")
        self.presses(w("Confirm"))
        self.presses(w("Confirm the rest as prefilled"))
        expect(self._actions().filter(has_text=w("Prefilled"))).to_have_count(0)
        rest = self.page.get_by_role("button", name=w("Confirm the rest as prefilled"))
        expect(rest).to_have_count(0)
        self.writes("barriers", "改造期间需停产。")
        self.presses(w("Save"))
        self.reads(w("Saved."), MEASURED_T)


class ReductionCoordinator(Coordinator):
    """Somebody of the alliance who reviews plans and progress."""

    def _row_of(self, name: str) -> Locator:
        named = self.page.locator("th").filter(has_text=name)
        return self.page.locator("tr.review-line").filter(has=named)

    def asks_about_an_action_and_returns_the_plan(self) -> None:
        """On the action itself."""
        w = self.w
        self.opens_the_only_one_waiting(w("Reduction plan"))
        row = self._row_of(OWN_ACTIONS[0]["name"])
        row.locator("details summary").last.click()
        row.locator("textarea").fill(QUESTION)
        self.presses(w("Ask the supplier"), row)
        self.reads(QUESTION)
        self.returns(1)

    def sees_what_changed_and_approves_the_plan(self) -> None:
        """The old name and the new, and the answer."""
        w = self.w
        self.opens_the_only_one_waiting(w("Reduction plan"))
        row = self._row_of(CORRECTED)
        expect(row.locator("del")).to_contain_text(OWN_ACTIONS[0]["name"])
        expect(row.locator("ins")).to_contain_text(CORRECTED)
        self.reads(ANSWER)
        self.accepts_an_answer()
        self.presses(w("Approve"))
        self.reads(w("Approved"))

    def approves_the_progress(self) -> None:
        """With what was measured and its file in sight."""
        w = self.w
        self.opens_the_only_one_waiting(w("Progress"))
        row = self._row_of(CORRECTED)
        expect(row).to_contain_text("meters.csv")
        self.presses(w("Approve"))
        self.reads(w("Approved"))

    def sees_who_is_off_the_path_and_why(self, member: str) -> None:
        """In the list that comes first, with the reason beside the amounts."""
        w = self.w
        self.goes_to("/coordinator/progress?year=2024")
        rows = self.page.locator("tbody tr")
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text(member)
        for words in (w("Off its path"), w(OFF_PATH_NAMES[OffPath.OVERDUE]), level_reached(w.code)):
            expect(rows.first).to_contain_text(words)
