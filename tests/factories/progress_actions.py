"""Reduction actions of the dairy farm of `facts`, for documents in tests and benchmarks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from portal.calculation.effects import cost_per_tonne
from portal.documents.facts import ActionTotals, Name
from portal.documents.progress_report import ActionFacts, CostStep, MilestoneFacts, TaskFacts
from portal.domain.actions import COUNTED, Status
from portal.domain.levers import Area, Ledger, Method
from tests.factories.facts import kg

RATE = Decimal("0.08")
NO_ACTIONS = ActionTotals(0, 0, 0, 0, 0, *(Decimal(0),) * 5)

# Name, site, area, source, ledger, status, status a year before, t a year, capex, opex, saved, owner's post
_ACTIONS: tuple[tuple[Any, ...], ...] = (
    ("奶牛日粮添加 3-NOP", "3-NOP in the dairy ration", "青禾第一牧场", "Qinghe farm 1", Area.FARM, "奶牛肠道发酵", "Enteric fermentation", Ledger.INVENTORY, Status.IN_PROGRESS, Status.PLANNED, "412", 0, 780_000, 0, "牧场生产经理"),
    ("粪污厌氧发酵与沼气发电", "Manure digester with power", "青禾第二牧场", "Qinghe farm 2", Area.FARM, "粪便管理", "Manure management", Ledger.INVENTORY, Status.DONE, Status.IN_PROGRESS, "655", 8_600_000, 420_000, 910_000, "环保主管"),
    ("燃气锅炉改空气源热泵", "Gas boiler to heat pump", "青禾第一牧场", "Qinghe farm 1", Area.PRODUCTION, "天然气", "Natural gas", Ledger.INVENTORY, Status.PLANNED, Status.PLANNED, "186", 1_450_000, 60_000, 210_000, "设备部经理"),
    ("挤奶厅余热回收", "Heat recovery from milk cooling", "青禾第三牧场", "Qinghe farm 3", Area.PRODUCTION, "天然气", "Natural gas", Ledger.INVENTORY, Status.DONE, Status.DONE, "74.5", 180_000, 6_000, 96_000, "设备部经理"),
    ("屋顶光伏 2.4 MW", "Roof solar, 2.4 MW", "", "", Area.PRODUCTION, "外购电力", "Purchased electricity", Ledger.INVENTORY, Status.IN_PROGRESS, Status.IN_PROGRESS, "1180", 9_800_000, 120_000, 1_730_000, "能源主管"),
    ("LED 照明改造", "LED lighting", "青禾第一牧场", "Qinghe farm 1", Area.PRODUCTION, "外购电力", "Purchased electricity", Ledger.INVENTORY, Status.DONE, Status.DONE, "38.2", 96_000, 0, 58_000, "设备部经理"),
    ("冷库浮动冷凝压力控制", "Floating head pressure in cold stores", "中心冷库", "Central cold store", Area.STORAGE, "外购电力", "Purchased electricity", Ledger.INVENTORY, Status.PLANNED, None, "61", 140_000, 4_000, 72_000, "冷链主管"),
    ("采购无毁林豆粕", "Deforestation-free soybean meal", "", "", Area.PURCHASING, "外购饲料", "Purchased feed", Ledger.INVENTORY, Status.IN_PROGRESS, None, "340", 0, 265_000, 0, "采购总监"),
    ("奶罐车改电动", "Electric milk tankers", "", "", Area.LOGISTICS, "公路货运", "Road freight", Ledger.INVENTORY, Status.IDEA, Status.IDEA, "128", 3_200_000, 90_000, 260_000, "物流经理"),
    ("返程配货提高装载率", "Back-haul to raise the load factor", "", "", Area.LOGISTICS, "公路货运", "Road freight", Ledger.INVENTORY, Status.IN_PROGRESS, Status.PLANNED, "54", 20_000, 12_000, 88_000, "物流经理"),
    ("沼渣有机肥外销", "Digestate sold as fertiliser", "青禾第二牧场", "Qinghe farm 2", Area.FARM, "替代化肥", "Mineral fertiliser replaced", Ledger.AVOIDED, Status.IN_PROGRESS, Status.IN_PROGRESS, "95", 320_000, 40_000, 130_000, "环保主管"),
    ("生物质锅炉", "Biomass boiler", "青禾第三牧场", "Qinghe farm 3", Area.PRODUCTION, "天然气", "Natural gas", Ledger.INVENTORY, Status.STOPPED, Status.PLANNED, "150", 1_100_000, 150_000, 60_000, "设备部经理"),
)  # fmt: skip


def actions(count: int = len(_ACTIONS)) -> tuple[ActionFacts, ...]:
    """So many actions of all areas and states, the same kinds again after a dozen."""
    return tuple(_action(index) for index in range(count))


def _action(index: int) -> ActionFacts:
    zh, en, site, place, area, source, of, ledger, status, before, tonnes, capex, opex, saved, post = _ACTIONS[index % len(_ACTIONS)]  # fmt: skip
    again = index // len(_ACTIONS)
    mark = f" {again + 1}" if again else ""
    full = kg(tonnes) / (again + 1)
    reported = status in (Status.IN_PROGRESS, Status.DONE)
    life = (10, 15, 20)[index % 3]
    return ActionFacts(
        position=index + 1,
        name=Name(zh + mark, en + mark),
        site=Name(site, place),
        area=area,
        source=Name(source, of),
        ledger=ledger,
        estimate=list(Method)[index % 4],
        status=status,
        start_on=date(2022 + index % 6, 1 + index % 12, 1),
        ramp_months=index % 13,
        lifetime_years=life,
        kg_full_year=full,
        kg_expected=full / 2 if reported else Decimal(0),
        kg_measured=full * (40 + index % 15) / 100 if reported and index % 5 else None,
        is_verified=reported and bool(index % 5) and index % 4 != 1,
        capex=Decimal(capex),
        opex=Decimal(opex),
        money_saved=Decimal(saved),
        cost_per_t=cost_per_tonne(
            capex=Decimal(capex),
            rate=RATE,
            lifetime_years=life,
            opex=Decimal(opex),
            money_saved=Decimal(saved),
            kg_per_year=full,
        ),
        owner_post=post,
        supervisor_post="总经理",
        status_before=before,
        stopped_reason="当地生物质供应不足，价格高于预算 40%。" if status is Status.STOPPED else "",
        note="设备到货推迟两个月。" if index % 6 == 2 else "",
        measured_how="分项电表读数与上年同期比较" if reported else "",
        milestones=(
            MilestoneFacts("完成可行性研究", date(2025, 3, 31), date(2025, 3, 20)),
            MilestoneFacts(
                "完成设备招标", date(2025, 11, 30), None if index % 4 == 2 else date(2025, 12, 1)
            ),
            MilestoneFacts("投入运行", date(2026 + index % 3, 6, 30)),
        ),
        evidence=(index % 8 + 1, (index + 3) % 8 + 1) if reported else (),
        water_m3=Decimal(1200) if index % 7 == 1 else Decimal(0),
        energy_kwh=Decimal("820000.5") if area is Area.PRODUCTION else Decimal(0),
        waste_t=Decimal("-12.5") if index % 9 == 1 else Decimal(0),
    )


def totals_of(listed: tuple[ActionFacts, ...]) -> ActionTotals:
    """What actions come to together."""
    own = [each for each in listed if each.ledger is Ledger.INVENTORY]
    outside = [each for each in listed if each.ledger is Ledger.AVOIDED]
    return ActionTotals(
        **{str(status): sum(each.status is status for each in listed) for status in Status},
        kg_expected=sum((each.kg_expected for each in own), Decimal(0)) * Decimal("0.97"),
        kg_measured=_measured(own),
        kg_verified=_measured([each for each in own if each.is_verified]),
        kg_avoided_expected=sum((each.kg_expected for each in outside), Decimal(0)),
        kg_avoided_measured=_measured(outside),
    )


def _measured(listed: list[ActionFacts]) -> Decimal:
    return sum((each.kg_measured or Decimal(0) for each in listed), Decimal(0))


def tasks_of(listed: tuple[ActionFacts, ...]) -> tuple[TaskFacts, ...]:
    """The open milestones of actions that go on."""
    return tuple(
        TaskFacts(each.area, step.due_on, each.position, Name(step.name), each.owner_post)
        for each in listed
        if each.status in COUNTED
        for step in each.milestones
        if step.done_on is None and step.due_on > date(2025, 12, 31)
    )


def curve_of(listed: tuple[ActionFacts, ...]) -> tuple[CostStep, ...]:
    """What a tonne costs of each action on the inventory that is not stopped, a twentieth less for overlaps."""
    return tuple(
        CostStep(each.position, each.kg_full_year * 95 / 100, each.cost_per_t / Decimal("0.95"))
        for each in listed
        if each.ledger is Ledger.INVENTORY
        and each.status is not Status.STOPPED
        and each.cost_per_t is not None
    )
