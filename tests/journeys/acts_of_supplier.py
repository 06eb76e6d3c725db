"""What the supplier's person does on the main path: reports, signs, answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from playwright.sync_api import expect

from portal.intake.identifiers import credit_check_character
from tests.browsers import PASSWORD
from tests.journeys.acts import PATIENCE_MS, Person
from tests.journeys.cast import BILL

YEAR = "/supplier/inventories/2025"
CREDIT_CODE = "91150100MA0N3XK7U"


class Line(NamedTuple):
    """A line as the bill says it."""

    category: str
    quantity: str
    unit: str
    period: str
    parameters: Mapping[str, str] = {}


LINES = (
    Line("electricity.grid", "120.5", "MWh", "2025-01"),
    Line("electricity.grid", "118", "MWh", "2025-02"),
    Line("stationary.natural_gas", "86,200", "m³", "2025"),
    Line("mobile.diesel", "12 500", "L", "2025"),
    Line("heat.steam", "５２００", "GJ", "2025"),
    Line("electricity.own_pv", "64", "MWh", "2025"),
    Line("refrigerants.top_up", "12", "kg", "2025", {"gas": "r-404a"}),
    Line("freight.road", "310000", "t·km", "2025"),
    Line("purchased.materials", "610", "t", "2025", {"material": "board"}),
    Line("waste.treatment", "46", "t", "2025", {"material": "plastics", "treatment": "recycling"}),
    Line("water.supply", "26000", "m³", "2025"),
    Line("travel.air", "61000", "p·km", "2025"),
)


class Supplier(Person):
    """Somebody who reports and signs for a member."""

    def opens_the_invitation(self, link: str) -> None:
        """Choose a name and a password, and be in."""
        w = self.w
        self.goes_to(link)
        self.reads_heading(w("Welcome"))
        self.reads("wang.fang@supplier.example", w("Reporter"), w("Signatory"))
        self.writes("name", "王芳")
        self.writes("password", PASSWORD)
        self.writes("again", PASSWORD)
        self.presses(w("Create my account"))
        self.reads_heading(w("Your year %(year)s", year=2025))
        self.reads(w("%(done)s of %(all)s done", done=0, all=5))

    def answers_the_set_up_questions(self) -> None:
        """Four questions, one a page."""
        w = self.w
        self.follows(w("Your organisation"))
        self.follows(w("Begin"))
        self.writes("name_zh", "南山食品配料有限公司")
        self.writes("credit_code", CREDIT_CODE + credit_check_character(CREDIT_CODE))
        self.presses(w("Save and continue"))
        self.reads_heading(w("Which sites do you report?"))
        self.page.locator('[name="boundary"]').first.check()
        self.presses(w("Save and continue"))
        self.page.locator('[name="base_year"][value="2025"]').check()
        self.presses(w("Save and continue"))
        self.presses(w("Save and continue"))
        self.reads(w("Enter the name of the person who signs"))
        self.writes("signatory_name", "王芳")
        self.writes("signatory_post", "总经理")
        self.presses(w("Save and continue"))
        self.reads("王芳", "总经理", "2025")

    def adds_a_site(self) -> None:
        """One plant."""
        w = self.w
        self.follows(w("Go on to your sites"))
        self.reads(w("No site yet"))
        self.follows(w("Add a site"))
        self.writes("name_zh", "赤峰工厂")
        self.writes("name_en", "Chifeng plant")
        self.writes("code", "S1")
        self.page.locator('[name="kind"][value="plant"]').check()
        self.writes("province", "CN-NM")
        self.presses(w("Save"))
        self.reads(w("The site is added."))

    def begins_the_year(self) -> None:
        """With the button under the task list."""
        w = self.w
        self.goes_to("/supplier/")
        self.reads(w("%(done)s of %(all)s done", done=2, all=5))
        self.presses(w("Begin the year %(year)s", year=2025))
        self.reads_heading(w("Activity data %(year)s", year=2025))

    def fills_twelve_lines(self) -> None:
        """As on the bills; what a category needs besides is asked for under its line."""
        w = self.w
        for place, line in enumerate(LINES):
            if self.page.locator(f'[name="lines-{place}-category"]').count() == 0:
                self._adds_a_line(place)
            self._types(place, line)
        if self.portal.way.has_scripts:
            self._waits_until_saved()
        else:
            self.presses(w("Save and continue"))
            expect(self.page.locator(".error-summary li")).not_to_have_count(0)
        for place, line in enumerate(LINES):
            for name, value in line.parameters.items():
                self.writes(f"lines-{place}-parameters-{name}", value)
        self.presses(w("Save and continue"))
        self.reads(w("Saved."))
        self.goes_to("/supplier/")
        self.reads(w.counted("%(num)s finished line", "%(num)s finished lines", len(LINES)))

    def _adds_a_line(self, place: int) -> None:
        self.page.get_by_role("button", name=self.w("Add a line"), exact=True).click()
        expect(self.page.locator(f'[name="lines-{place}-category"]')).to_be_visible()

    def _types(self, place: int, line: Line) -> None:
        columns = {**line._asdict(), "site": "S1"}
        for column in ("category", "quantity", "unit", "period", "site"):
            self.writes(f"lines-{place}-{column}", columns[column])

    def _waits_until_saved(self) -> None:
        last = [place for place, line in enumerate(LINES) if line.parameters][-1]
        name = next(iter(LINES[last].parameters))
        asked = self.page.locator(f'[name="lines-{last}-parameters-{name}"]')
        expect(asked).to_be_visible(timeout=PATIENCE_MS)
        expect(self.page.locator("[data-save-status]")).to_contain_text(
            self.w("Saved {time}").split("{")[0].strip()
        )

    def attaches_evidence(self) -> None:
        """One bill for both lines of electricity, another for the gas."""
        w = self.w
        self.goes_to(f"{YEAR}/lines")
        self._uploads(0, "electricity.csv", with_series=True)
        self.goes_to(f"{YEAR}/lines")
        expect(self.page.get_by_role("link", name="electricity.csv")).to_have_count(2)
        self._uploads(2, "gas.csv", with_series=False)
        self.reads(
            w.counted("%(num)s file is attached.", "%(num)s files are attached.", 1), "gas.csv"
        )

    def _uploads(self, place: int, name: str, *, with_series: bool) -> None:
        w = self.w
        self.page.locator(f"#lines-{place} .line-evidence a").last.click()
        self.page.locator("[name=file]").set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": BILL + name.encode()}
        )
        if with_series:
            self.page.locator("[data-upload] [name=series]").check()
        self.page.locator("[data-upload]").get_by_role(
            "button", name=w("Upload"), exact=True
        ).click()
        expect(self.page.locator(".files")).to_contain_text(name)

    def explains_what_was_noticed(self) -> None:
        """What is odd doesn't keep anybody from submitting; a reason saves a question."""
        w = self.w
        self.goes_to(f"{YEAR}/warnings")
        reasons = self.page.locator("[name^='reason-warning-series']")
        reasons.first.fill("Read on the last day of the month.")
        name = reasons.first.get_attribute("name")
        self.presses(w("Keep the reasons and go on"))
        self.goes_to(f"{YEAR}/warnings")
        expect(self.page.locator(f"[name='{name}']")).to_have_value(
            "Read on the last day of the month."
        )

    def enters_production(self) -> None:
        """One product."""
        w = self.w
        self.follows(w("Go on without"))
        self.writes("product", "酸奶配料")
        self.writes("quantity", "8,600")
        self.writes("unit", "t")
        self.presses(w("Add"))
        self.reads(w("Saved."), "8,600")
        self.follows(w("Go on to the check"))

    def declares_and_submits(self, *, version: int) -> None:
        """Only with the declaration."""
        w = self.w
        self.goes_to(f"{YEAR}/check")
        self.reads_heading(w("Check and submit %(year)s", year=2025))
        expect(self.page.locator("tbody tr")).to_have_count(11)
        self.signs_here(version)

    def answers_and_corrects(self) -> None:
        """The questions come first; each has its box, and leads to its line."""
        w = self.w
        self.goes_to("/supplier/")
        self.reads(w.counted("%(num)s open question", "%(num)s open questions", 2))
        self.follows(w("Answer the questions"))
        for answer in ("It did. Corrected.", "It is attached now."):
            box = self.page.locator(".questions > li").filter(has=self.page.locator(".tag-caution"))
            box.first.locator("textarea").fill(answer)
            self.presses(w("Keep the answer"), box.first)
            self.reads(
                w.counted(
                    "Your answer is kept. The reviewer sees it when you submit again.",
                    "Your %(num)s answers are kept. The reviewer sees them when you submit again.",
                    1,
                )
            )
        self.page.locator(".questions > li").filter(has_text="120.5").get_by_role("link").click()
        self.page.wait_for_load_state()
        self.writes("lines-0-quantity", "121.5")
        self.presses(w("Save and continue"))
        self.reads(w("Saved."))
