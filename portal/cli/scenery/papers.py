"""Evidence of the demo: a handful of bills and meter lists that many members attach, each stored once."""

from __future__ import annotations

from contextlib import ExitStack
from io import BytesIO
from types import TracebackType
from typing import Self

from portal.services import evidence
from portal.services.evidence import Inspected
from portal.services.work import Work
from portal.store.blobs import Blobs
from portal.store.members import Member

PAPERS = {
    "electricity.grid": "电费账单汇总.csv",
    "stationary.natural_gas": "燃气抄表记录.csv",
    "mobile.diesel": "加油记录.csv",
    "freight.road": "运输台账.csv",
    "purchased.materials": "包装材料采购清单.csv",
    "purchased.farm_inputs": "饲料采购清单.csv",
    "water.supply": "水费账单.csv",
    "heat.steam": "蒸汽结算单.csv",
}


class Papers:
    """The papers, looked into once and kept by each member that attaches them."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._stack = ExitStack()
        self._inspected: dict[str, Inspected] = {}
        self._kept: dict[int, dict[str, int]] = {}

    def __enter__(self) -> Self:
        for category, name in PAPERS.items():
            self._inspected[category] = self._stack.enter_context(
                evidence.inspected(self._blobs, BytesIO(_content(category)), name)
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def of(self, work: Work, member: Member) -> dict[str, int]:
        """Keep the papers among a member's files; returns the file's row for each category."""
        if member.id in self._kept:
            return self._kept[member.id]
        kept = self._kept[member.id] = {}
        for category, paper in self._inspected.items():
            row, problems = evidence.keep(work, self._blobs, member, paper)
            if row is None:
                raise RuntimeError(f"the demo's own papers are refused: {problems}")
            kept[category] = row.id
        return kept


def _content(category: str) -> bytes:
    rows = "".join(f"{month} 月,{category},{1000 + 37 * month}\r\n" for month in range(1, 13))
    return ("\ufeff期间,项目,读数\r\n" + rows).encode()
