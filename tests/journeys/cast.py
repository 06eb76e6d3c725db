"""Who is in the journeys' alliance, and what its members' bills say.

`PACKER` has a returned year with questions and certificates of every standing, `FARM` waits for a decision with more
lines than a page holds, `HAULIER` is drafting, `NEWCOMER` has done nothing yet, `INVITED` has an open invitation.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.domain.members import SiteKind
from portal.services.alliances import AllianceFacts
from portal.services.submissions import Declaration

YEARS = (2023, 2024, 2025)
OPEN_TOKEN = "an-invitation-that-nobody-has-accepted-yet-0"
SIGNED = Declaration("李雷", "总经理")
BILL = "\ufeff月份,用电量 (kWh)\r\n1,120500\r\n2,118000\r\n".encode()

PACKER, FARM, HAULIER, NEWCOMER, INVITED = "M-0001", "M-0002", "M-0003", "M-0004", "M-0005"
# code, sector, names, sites as (code, kind, province, names)
CAST = (
    (PACKER, "packaging", "晨曦包装材料有限公司", "Morning Light Packaging Co., Ltd.",
     (("S1", SiteKind.PLANT, "CN-NM", "呼和浩特工厂", "Hohhot plant"),
      ("S2", SiteKind.WAREHOUSE, "CN-HE", "唐山仓库", "Tangshan warehouse"))),
    (FARM, "dairy_farm", "青原奶牛养殖专业合作社", "Green Plain Dairy Cooperative",
     (("S1", SiteKind.FARM, "CN-NM", "一号牧场", "Farm One"),)),
    (HAULIER, "haulier", "北流冷链运输有限公司", "",
     (("S1", SiteKind.FLEET, "CN-SD", "济南车队", ""),)),
    (NEWCOMER, "cold_store", "", "Harbour Cold Storage Ltd", ()),
    (INVITED, "ingredients", "南山食品配料有限公司", "Southern Hill Ingredients Co., Ltd.", ()),
)  # fmt: skip
ALLIANCE = AllianceFacts(
    "ZCA", "牧野乳业零碳联盟", "Meadow Dairy Zero-Carbon Alliance", "牧野乳业集团",
    "Meadow Dairy Group", 2050, 12, "carbon@meadow.example",
)  # fmt: skip

# category, unit, amount of an ordinary period, parameters
MONTHLY = (
    ("electricity.grid", "MWh", 118, {}),
    ("stationary.natural_gas", "m³", 7200, {}),
    ("mobile.diesel", "L", 1900, {}),
    ("water.supply", "m³", 2300, {}),
    ("freight.road", "t·km", 41_000, {"vehicle": "truck_medium"}),
)
YEARLY = (
    ("refrigerants.top_up", "kg", 12, {"gas": "r-404a"}),
    ("waste.treatment", "t", 46, {"material": "plastics", "treatment": "recycling"}),
    ("purchased.materials", "t", 610, {"material": "board"}),
)


def monthly_rows(year: int, *, odd: bool = False) -> list[dict[str, str]]:
    """Sixty rows, month by month; the last electricity bill of an odd year is ten times too high."""
    rows = [
        _row(category, amount + month, unit, f"{year}-{month:02d}", parameters)
        for category, unit, amount, parameters in MONTHLY
        for month in range(1, 13)
    ]
    if odd:
        rows[11]["quantity"] = "1300"
    return rows


def yearly_rows(year: int) -> list[dict[str, str]]:
    """Eight rows for a whole year."""
    rows = [_row(name, 12 * amount, unit, str(year), more) for name, unit, amount, more in MONTHLY]
    return rows + [_row(name, amount, unit, str(year), more) for name, unit, amount, more in YEARLY]


def _row(
    category: str, amount: int, unit: str, period: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    typed = {"category": category, "quantity": str(amount), "unit": unit, "period": period}
    return (
        typed | {"site": "S1"} | {f"parameters.{name}": text for name, text in parameters.items()}
    )
