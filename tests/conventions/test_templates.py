"""Templates obey the strict Content-Security-Policy, escape what they show and speak through the catalogue."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from tests.conventions.source import Template, templates

KNOWN_ENDINGS = (".html", ".txt", ".css", ".svg")
# A mail's style has to stand on its elements: readers of mail throw style sheets away.
MAIL = ("templates/mail/", "templates/layouts/mail.")
DOCUMENTS = ("templates/documents/",)
# One file for use without any server: its script and style stand in it, named by their digests in its own policy, and it
# carries both languages. tests/journeys/test_offline_page.py looks after it.
ALONE = ("templates/public/offline/",)

JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
TRANSLATED_BLOCK = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.DOTALL)
# What such a block holds is filled into an attribute of the layout.
ATTRIBUTE_BLOCK = re.compile(r"\{%-?\s*block \w*(?:class|attributes).*?endblock", re.DOTALL)
# Marks that need no translation: units, symbols and names that are the same in every language.
SAME_EVERYWHERE = re.compile(
    r"t?CO₂e?|kg|kWh|MWh|PDF|QR|SHA-256|XLSX|CSV|PNG|JPEG|English|UTC|ID|TOTP|ISO|GHG|DOCTYPE|html"
)
SHOWN_ATTRIBUTES = ("title", "placeholder", "aria-label", "alt", "label")


class Page(HTMLParser):
    """Collects what the policy forbids and what would be shown without the catalogue."""

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.found: list[str] = []
        self.untranslated: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._path = template.path
        without = TRANSLATED_BLOCK.sub("", ATTRIBUTE_BLOCK.sub("{%", template.text))
        self.feed(JINJA.sub(lambda match: "\n" * match.group().count("\n"), without))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._open.append((tag, given.get("translate") == "no"))
        for name in given:
            if name == "style" or re.match(r"on\w+$|hx-on", name):
                self._note(f"attribute {name}")
        for name in ("src", "href", "action", "formaction"):
            if (given.get(name) or "").strip().lower().startswith("javascript:"):
                self._note(f"{name} is a script")
        if tag == "style":
            self._note("a style sheet inside the page")
        if tag == "script" and "src" not in given:
            self._note("a script inside the page")
        self._look_at(" ".join(given.get(name) or "" for name in SHOWN_ATTRIBUTES))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(tag in ("script", "style", "svg") or free for tag, free in self._open):
            self._look_at(data)

    def _look_at(self, text: str) -> None:
        if re.search(r"[^\W\d_]{2,}", SAME_EVERYWHERE.sub("", text)):
            self.untranslated.append(
                f"{self._path}:{self.getpos()[0]} {' '.join(text.split())[:60]}"
            )

    def _note(self, what: str) -> None:
        self.found.append(f"{self._path}:{self.getpos()[0]} {what}")


def pages(*, without: tuple[str, ...]) -> list[Page]:
    return [
        Page(template)
        for template in templates()
        if template.path.endswith(".html") and not template.path.startswith(without)
    ]


def test_every_template_ends_in_a_name_that_is_escaped() -> None:
    # Flask escapes values in these and in no others: a page named .j2 would show what a person typed as HTML.
    odd = [
        t.path
        for t in templates()
        if not t.path.endswith(KNOWN_ENDINGS) and not t.path.startswith(ALONE)
    ]
    text_on_a_page = [
        t.path for t in templates() if t.path.endswith(".txt") and not t.path.startswith(MAIL)
    ]
    assert (odd, text_on_a_page) == ([], [])


def test_pages_hold_no_script_and_no_style_of_their_own() -> None:
    assert [place for page in pages(without=(*MAIL, *ALONE)) for place in page.found] == []


def test_mails_hold_no_script() -> None:
    mails = [Page(t) for t in templates() if t.path.startswith(MAIL) and t.path.endswith(".html")]
    found = [place for mail in mails for place in mail.found if "style" not in place]
    assert found == []


def test_pages_speak_through_the_catalogue() -> None:
    # Documents carry both languages at once and choose their words themselves.
    assert [
        place for page in pages(without=(*DOCUMENTS, *ALONE)) for place in page.untranslated
    ] == []


def test_no_page_fetches_from_elsewhere() -> None:
    elsewhere = re.compile(r"""(?:src|srcset|href|action|poster)\s*=\s*["']\s*(?:https?:)?//""")
    links = [
        t.path for t in templates() if elsewhere.search(t.text) and not t.path.startswith(MAIL)
    ]
    assert links == []


def test_the_rules_above_see_what_they_look_for() -> None:
    page = Page(
        Template(
            Path("templates/planted.html").as_posix(),
            '<p style="x" onclick="y">Hello {{ name }}</p><script>1</script><img alt="A cow">'
            '<b translate="no">Anna</b>{% trans %}Good day{% endtrans %}<i>{{ _("Yes") }}</i> 12 kWh',
        )
    )
    assert [place.split(" ", 1)[1] for place in page.found] == [
        "attribute style",
        "attribute onclick",
        "a script inside the page",
    ]
    assert [place.split(" ", 1)[1] for place in page.untranslated] == ["Hello", "A cow"]
