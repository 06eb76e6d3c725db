"""Plans and progress of the demo's members: levers that fit, carried out year by year, some late, most proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from portal import data
from portal.cli.scenery.cast import MemberSketch
from portal.domain.levers import Area, Ledger, Lever, Method
from portal.intake.typed import Typed
from portal.services.action_estimates import Basis
from portal.services.progress_steps import REACHED
from portal.store.actions import Milestone
from portal.store.dossiers import ActionProgress

# The demo's members make their plan once this year is approved, or their first one if that is later.
PLAN_AFTER = 2022
LEVERS = (4, 8)
POSTS = ("生产经理", "设备主管", "能源管理员", "采购经理", "物流经理", "牧场场长")
OWN_ACTIONS = {
    Area.PRODUCTION: "优化排产，减少空载运行",
    Area.LOGISTICS: "与邻近供应商拼车运输",
    Area.PURCHASING: "与供应商共同改进包装",
    Area.STORAGE: "调整库位，减少开门时间",
    Area.FARM: "夏季延长喷淋，减轻热应激",
}
BARRIERS = (
    "改造期间需停产一周，影响交货。",
    "一次性投资较大，希望了解绿色信贷。",
    "缺少分项计量，节能量难以核实。",
    "",
)
HELP = ("希望联盟组织同类企业经验交流。", "需要绿电采购渠道信息。", "")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a member goes about reducing: whether it has a plan at all, how much of it works out, how much is proven."""

    has_plan: bool
    success: float
    proven: float


def manner_of(sketch: MemberSketch) -> Manner:
    """The same manner for the same member every time; nine of ten have a plan."""
    random = Random(f"{sketch.code}/manner")  # noqa: S311 -- a demo must be the same every time
    return Manner(
        has_plan=sketch.place % 11 != 5,
        success=random.uniform(0.55, 1.1),
        proven=random.choice((1.0, 1.0, 0.9, 0.7, 0.4)),
    )


def plan_year(sketch: MemberSketch) -> int:
    """The year whose approval the plan stands on."""
    return max(sketch.first_year, PLAN_AFTER)


def actions_of(sketch: MemberSketch, basis: Basis, made_in: int, typed_on: date) -> Iterator[Typed]:
    """The actions of a member's plan as its reporter would type them, some begun, some years ahead."""
    random = Random(f"{sketch.code}/plan")  # noqa: S311 -- a demo must be the same every time
    book = basis.book
    reported = (
        set()
        if book is None
        else {source.category for source in book.kg if book.kg_of(source.category) > 0}
    )
    fitting = [
        lever for lever in data.load_levers().values() if _can_be_used(lever, sketch, reported)
    ]
    random.shuffle(fitting)
    for place, lever in enumerate(fitting[: random.randint(*LEVERS)]):
        yield _from_lever(random, lever, reported, basis, made_in, place, typed_on)
    yield _own(random, sketch, basis, made_in, typed_on)


def _can_be_used(lever: Lever, sketch: MemberSketch, reported: set[str]) -> bool:
    return (
        lever.method is Method.SHARE
        and lever.ledger is Ledger.INVENTORY
        and lever.fits(sketch.sector)
        and any(category in reported for category in lever.categories)
    )


def _from_lever(
    random: Random,
    lever: Lever,
    reported: set[str],
    basis: Basis,
    made_in: int,
    place: int,
    typed_on: date,
) -> Typed:
    category = next(each for each in lever.categories if each in reported)
    part = lever.low + (lever.high - lever.low) * Decimal(str(round(random.random(), 2)))
    source = basis.book.kg_of(category) if basis.book is not None else Decimal(0)
    tonnes = source * part / 1000
    start = date(made_in + place // 2, random.choice((1, 4, 7, 10)), 1)
    return Typed(
        {
            "lever": lever.id,
            "name": lever.name_zh,
            "area": lever.area.value,
            "category": category,
            "ledger": lever.ledger.value,
            "method": Method.SHARE.value,
            "percent": f"{part * 100:.1f}%",
            **_terms(random, start, tonnes, lever.lifetime_years, typed_on),
        }
    )


def _own(random: Random, sketch: MemberSketch, basis: Basis, made_in: int, typed_on: date) -> Typed:
    area = {
        "dairy_farm": Area.FARM,
        "haulier": Area.LOGISTICS,
        "cold_store": Area.STORAGE,
        "feed_mill": Area.PURCHASING,
    }.get(sketch.sector, Area.PRODUCTION)
    book = basis.book
    category = "electricity.grid"
    source = Decimal(0) if book is None else book.kg_of(category)
    tonnes = source * Decimal("0.02") / 1000
    return Typed(
        {
            "name": OWN_ACTIONS[area],
            "area": area.value,
            "category": category,
            "ledger": Ledger.INVENTORY.value,
            "method": Method.SHARE.value,
            "percent": "2.0%",
            **_terms(random, date(made_in, 4, 1), tonnes, 8, typed_on),
        }
    )


def _terms(
    random: Random, start: date, tonnes: Decimal, lifetime: int, typed_on: date
) -> dict[str, str]:
    """Money that goes with the size of the saving, people by post, and two milestones."""
    capex = float(tonnes) * random.uniform(300, 2600)
    saved = float(tonnes) * random.uniform(20, 520)
    return {
        "start": start.isoformat(),
        "ramp_months": random.choice(("", "6", "12")),
        "lifetime_years": str(lifetime),
        "owner_post": random.choice(POSTS),
        "supervisor_post": "总经理",
        "capex": f"{capex:.0f}",
        "opex": f"{capex * 0.02:.0f}",
        "money_saved": f"{saved:.0f}",
        "status": "in_progress" if start <= date(start.year, 4, 1) else "planned",
        "milestones-0-name": "完成方案与询价",
        "milestones-0-due": date(start.year - 1, 11, 30).isoformat(),
        "milestones-0-done": _by(date(start.year - 1, 12, 10), typed_on),
        "milestones-1-name": "安装调试并投入运行",
        "milestones-1-due": start.isoformat(),
        "milestones-1-done": _by(start, typed_on),
    }


def _by(day: date, typed_on: date) -> str:
    """A day that has come when it is typed, else nothing."""
    return day.isoformat() if day <= typed_on else ""


def reached_of(
    sketch: MemberSketch, steps: Sequence[Milestone], place: int, year: int
) -> dict[str, str]:
    """The days on which milestones that were due by the end of the year were reached; some are late."""
    random = Random(f"{sketch.code}/{year}/{place}/steps")  # noqa: S311 -- a demo must be the same every time
    return {
        f"{REACHED}{number}": step.due_on.isoformat()
        for number, step in enumerate(steps)
        if step.due_on.year <= year and random.random() < 0.85
    }


def reported_of(
    sketch: MemberSketch, row: ActionProgress, place: int, year: int, begins: date
) -> tuple[Mapping[str, str], bool]:
    """What is typed about an action for a year, and whether a file proves it."""
    random = Random(f"{sketch.code}/{year}/{place}")  # noqa: S311 -- a demo must be the same every time
    manner = manner_of(sketch)
    if begins.year > year:
        return {"status": "planned"}, False
    if random.random() < 0.03:
        return {"status": "stopped", "note": "设备停用，措施不再适用。"}, False
    status = "done" if begins.year < year else "in_progress"
    if row.kg_expected <= 0:
        return {"status": status}, False
    is_proven = random.random() < manner.proven
    measured = (
        row.kg_expected / 1000 * Decimal(str(round(manner.success * random.uniform(0.9, 1.1), 3)))
    )
    return {
        "status": status,
        "measured_t": f"{measured:.3f}",
        "measured_how": "分表计量，与改造前同产量比较。",
    }, is_proven
