"""What may be seen of another member, and why; everything else is a leak."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.crawling.needles import Trace

ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class Shown:
    """Fields and columns that pages at matching addresses show of members to this person, and why."""

    to: str
    path: str
    what: frozenset[str]
    why: str
    is_asked: bool = False  # only of members that let others copy what they did

    def covers(self, person: str, path: str, trace: Trace) -> bool:
        """Whether this is what was found."""
        return (
            person.startswith(self.to)
            and trace.what in self.what
            and re.fullmatch(self.path, path.partition("?")[0]) is not None
        )


OFFERED = Shown(
    "member",
    r"/supplier/plan/levers",
    frozenset({"action_name", "name_zh", "name_en", "action.uid"}),
    "A member that lets others copy an action shows its name, and the action's: portal/services/actions.py.",
    is_asked=True,
)
CERTIFIED = Shown(
    ANYBODY,
    r"/verify/[\w-]+",
    frozenset(
        {
            "name_zh",
            "name_en",
            "revocation_reason",
            "certificate.facts_digest",
            "certificate_document.sha256",
            "submission.digest",
            "submission.kg_scope1",
            "submission.kg_scope2_location",
            "submission.kg_scope2_market",
            "submission.kg_scope3",
            "submission.kg_biogenic",
        }
    ),
    "Who holds a certificate, with its number and its code, may check what stands on it.",
)
