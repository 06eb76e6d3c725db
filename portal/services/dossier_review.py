"""What the reviewer looks at of a plan, a progress report or a restatement: its parts beside the version before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.domain.review import Change, PartComparison, compare_parts
from portal.domain.submissions import Kind
from portal.services import submissions
from portal.services.review_page import Judged, open_judged
from portal.services.work import Work

# The lists of a content that a reviewer compares and remarks on.
_PARTS = {
    Kind.PLAN: ("targets", "actions"),
    Kind.PROGRESS: ("actions",),
    Kind.RESTATEMENT: ("adjustments",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierReview(Judged):
    """A dossier ready to be judged; `rows` are its parts by the name of their list."""

    rows: Mapping[str, Sequence[PartComparison]]

    @property
    def changed_count(self) -> int:
        """How many parts differ from the version before."""
        every = (row for rows in self.rows.values() for row in rows)
        return sum(1 for row in every if row.change is not Change.UNCHANGED)

    @property
    def kind(self) -> Kind:
        """What was handed in."""
        return Kind(self.submission.kind)


def open_review(work: Work, uid: UUID) -> DossierReview:
    """Everything the review page of a dossier shows."""
    judged = open_judged(work, uid)
    before = judged["before"]
    earlier = submissions.content_of(work.session, before) if before else None
    names = _PARTS[Kind(judged["submission"].kind)]
    return DossierReview(
        **judged, rows={name: _compared(name, judged["content"], earlier) for name in names}
    )


def _compared(
    name: str, now: Mapping[str, Any], before: Mapping[str, Any] | None
) -> list[PartComparison]:
    return compare_parts(now[name], None if before is None else before[name])
