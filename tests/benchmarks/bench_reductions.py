"""What plans and progress of the alliance cost to look at with 154 members and with 5,000: path, cost curve, roadmap.

Run it alone on a quiet machine: python tests/benchmarks/bench_reductions.py [database URL].
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal import data
from portal.services.trajectories import LAST_YEAR
from portal.store.submissions import Submission
from portal.store.summaries import (
    MemberLever,
    MemberPath,
    MemberPlan,
    MemberProgress,
    UnitLever,
    UnitPath,
    UnitProgress,
)
from tests.benchmarks.alliances import BEGINNING, KG, YEARS, growth

MOST_GROWTH = 2
LATEST = YEARS[-1]
AHEAD = range(LATEST, LAST_YEAR + 1)
LEVERS = list(data.load_levers())[:40]
LEVERS_A_MEMBER = 5
# The page of the alliance is what may not grow; the list of members is printed beside it, for it ranks them.
PAGES = {"reductions": "/coordinator/reductions", "list": f"/coordinator/progress?year={LATEST}"}


def plans_and_progress(session: Session, first: int, unit: int, count: int) -> None:
    """Five members of six have a plan with five actions and approved progress, every second of them on its path."""
    members = [first + place for place in range(count) if place % 6]
    submission = session.scalars(select(Submission.id).limit(1)).one()
    for kind, rows in of_members(members, submission).items():
        session.execute(insert(kind), rows)
    for kind, rows in of_unit(unit, len(members)).items():
        session.execute(insert(kind), rows)


def of_members(members: list[int], submission: int) -> dict[type[Any], list[dict[str, Any]]]:
    """The rows that approvals leave of each member."""
    found: dict[type[Any], list[dict[str, Any]]] = {
        kind: [] for kind in (MemberPlan, MemberPath, MemberLever, MemberProgress)
    }
    for member in members:
        about = {"member_id": member, "submission_id": submission, "approved_at": BEGINNING}
        found[MemberPlan].append(about | PLAN)
        found[MemberProgress].append(about | progress(member))
        found[MemberPath] += [{"member_id": member, "year": year} | PATH for year in AHEAD]
        found[MemberLever] += [
            {"member_id": member, "lever": LEVERS[(member + each) % len(LEVERS)]} | LEVER
            for each in range(LEVERS_A_MEMBER)
        ]
    return found


def of_unit(unit: int, count: int) -> dict[type[Any], list[dict[str, Any]]]:
    """The sums of the branch."""
    about = {"unit_id": unit, "member_count": count}
    return {
        UnitPath: [about | {"year": year} | PATH for year in AHEAD],
        UnitLever: [about | {"lever": lever} | LEVER for lever in LEVERS],
        UnitProgress: [
            about
            | {
                "year": LATEST,
                "on_path_count": count // 2,
                "systematic_count": count,
                "kg_verified": KG,
                "kg_expected": KG,
            }
        ],
    }


PATH = {"kg_target": KG, "kg_low": KG, "kg_high": KG}
LEVER = {"kg_saving": KG, "annual_cost": KG, "capex": KG, "action_count": 1}
PLAN = {
    "year": LATEST,
    "base_year": YEARS[0],
    "target_year": 2030,
    "percent": Decimal(42),
    "kind": "absolute",
    "action_count": 5,
    "underway_count": 2,
    "kg_saving": KG,
}


def progress(member: int) -> dict[str, Any]:
    """A standing; cuts repeat, so that places are shared."""
    return {
        "year": LATEST,
        "kg_base": KG,
        "kg_actual": KG - member,
        "kg_target": KG,
        "cut_percent": Decimal(member % 97),
        "is_on_path": member % 2 == 0,
        "quality": Decimal("2.5"),
        "level": "committed",
        "underway_count": 2,
        "overdue_count": member % 3,
        "kg_expected": KG,
        "kg_verified": KG / 2,
        "reason": "" if member % 2 == 0 else "activity",
    }


def main() -> int:
    return 0 if growth(PAGES, plans_and_progress)["reductions"] < MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
