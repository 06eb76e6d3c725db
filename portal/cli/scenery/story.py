"""What happened in the demo alliance, told through the portal's own verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from portal import data
from portal.cli.scenery import reductions
from portal.cli.scenery.cast import LAST_YEAR, MemberSketch, cast
from portal.cli.scenery.papers import Papers
from portal.cli.scenery.stage import Stage, moment
from portal.cli.scenery.years import NOTHING_ODD, Oddity, Typed, output_of, rows_of
from portal.domain.actors import Role
from portal.domain.members import Boundary, SiteFacts, SiteKind
from portal.services import (
    inventories,
    line_copies,
    members,
    outputs,
    review,
    submissions,
    warnings,
)
from portal.services.line_copies import ReadyLine
from portal.services.outputs import RawOutput
from portal.services.submissions import Declaration
from portal.store.inventories import Inventory
from portal.store.members import Member
from portal.store.submissions import Submission

SEED = 2050
QUESTIONS = (
    "一月的用电量是否包含二车间？请核对抄表记录。",
    "该数量约为去年同月的 1000 倍，单位是否应为 kWh？",
    "请补充本季度的运输台账作为凭证。",
    "天然气用量比去年下降较多，请说明原因。",
)
NOT_HERE = "本单位没有这一排放源。"
REASONS = (
    "三月更换电表，新表读数已核对。",
    "新生产线投产，产量增加。",
    "该月设备检修，停产两周。",
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How far a member came with the last year: a state, and for a draft how many rows of it are there."""

    state: str
    share: float = 1.0


@dataclass(slots=True)
class Told:
    """What the story made, for whoever prints it."""

    members: int = 0
    sites: int = 0
    lines: int = 0
    submissions: int = 0


# How many of the members that report the last year are where, in the order of their shuffled places.
ENDINGS = (
    *[Ending("approved")] * 52,
    *[Ending("submitted")] * 46,
    *[Ending("returned")] * 12,
    *[Ending("draft", 0.6)] * 14,
    *[Ending("draft", 0.2)] * 8,
    *[Ending("none")] * 14,
)


def tell(
    stage: Stage,
    papers: Papers,
    progress: Callable[[int, int], None],
    is_played: Callable[[MemberSketch, Ending], bool] = lambda _sketch, _ending: True,
) -> Told:
    """Play the whole story: the alliance, its members one after the other, their years.

    A member comes out the same whoever else is played.
    """
    random = Random(SEED)  # noqa: S311 -- a demo must be the same every time
    told = Told()
    sketches = cast(random)
    endings = list(ENDINGS)
    random.shuffle(endings)
    for place, sketch in enumerate(sketches):
        ending = endings[place] if place < len(endings) else Ending("invited")
        if is_played(sketch, ending):
            _play_member(stage, papers, sketch, ending, told)
            stage.commit()
        progress(place + 1, len(sketches))
    return told


def _play_member(
    stage: Stage, papers: Papers, sketch: MemberSketch, ending: Ending, told: Told
) -> None:
    member = _join(stage, sketch)
    told.members += 1
    if ending.state == "invited":
        stage.invite(member, sketch.signatory)
        return
    _set_up(stage, member, sketch)
    told.sites += len(sketch.sites)
    for year in range(sketch.first_year, LAST_YEAR):
        told.lines += _play_past_year(stage, member, sketch, year, papers)
        told.submissions += 1 + reductions.play(stage, papers, member, sketch, year)
    if ending.state != "none":
        told.lines += _play_last_year(stage, papers, member, sketch, ending)
        told.submissions += ending.state != "draft"
    if ending.state == "approved":
        told.submissions += reductions.play(stage, papers, member, sketch, LAST_YEAR)


def _join(stage: Stage, sketch: MemberSketch) -> Member:
    work = stage.coordinator_work(moment(sketch.joined_on, 9))
    member = members.create_member(
        work,
        alliance_id=stage.alliance.id,
        unit=stage.unit_for(sketch.sector, sketch.place),
        code=sketch.code,
        name_zh=sketch.name_zh,
        name_en=sketch.name_en,
        sector=sketch.sector,
        joined_on=sketch.joined_on,
        credit_code=sketch.credit_code,
    )
    return member


def _set_up(stage: Stage, member: Member, sketch: MemberSketch) -> None:
    day = moment(sketch.joined_on, 10)
    stage.add_person(member, sketch.reporter, Role.REPORTER, day)
    stage.add_person(member, sketch.signatory, Role.SIGNATORY, day)
    work = stage.supplier_work(sketch.reporter, day + timedelta(days=2))
    members.describe(
        work,
        member,
        {
            "name_zh": sketch.name_zh,
            "name_en": sketch.name_en,
            "credit_code": sketch.credit_code,
            "boundary": Boundary.OPERATIONAL_CONTROL.value,
            "base_year": sketch.first_year,
            "signatory_name": sketch.signatory.name,
            "signatory_post": sketch.signatory.post,
        },
    )
    for site in sketch.sites:
        facts = SiteFacts(
            site.code, site.name_zh, site.name_en, SiteKind(site.kind), "CN", site.province
        )
        members.add_site(work, member, facts)


def _play_past_year(
    stage: Stage, member: Member, sketch: MemberSketch, year: int, papers: Papers
) -> int:
    random = Random(f"{sketch.code}/{year}/days")  # noqa: S311 -- a demo must be the same every time
    # A member reports the years before it joined when it joins.
    begun = max(date(year + 1, 2, 8), sketch.joined_on + timedelta(days=10))
    begun += timedelta(days=random.randint(0, 40))
    _, count = _fill(stage, member, sketch, year, begun, rows_of(sketch, year), papers)
    handed_in = _hand_in(stage, member, sketch, year, begun + timedelta(days=random.randint(4, 30)))
    decided = handed_in.submitted_at + timedelta(days=random.randint(2, 18), hours=3)
    work = stage.coordinator_work(decided, place=sketch.place)
    review.approve_submission(work, handed_in.uid, with_report=False)
    return count


def _play_last_year(
    stage: Stage, papers: Papers, member: Member, sketch: MemberSketch, ending: Ending
) -> int:
    random = Random(f"{sketch.code}/{LAST_YEAR}/days")  # noqa: S311 -- a demo must be the same every time
    year = LAST_YEAR
    is_past = ending.state == "approved"
    begun = date(2026, 3, 2) if is_past else date(2026, 10, 12)
    begun = max(begun, sketch.joined_on + timedelta(days=10)) + timedelta(
        days=random.randint(0, 14)
    )
    oddity = _oddity(random, ending)
    rows = rows_of(sketch, year, oddity)
    rows = rows[: max(3, int(len(rows) * ending.share))]
    inventory, count = _fill(stage, member, sketch, year, begun, rows, papers)
    if ending.state == "draft":
        return count
    _settle(stage, sketch, inventory, begun)
    if oddity.is_odd and random.random() < 0.5:
        _give_reasons(stage, sketch, inventory, begun, random)
    days = random.randint(3, 20) if is_past else random.randint(1, 22)
    handed_in = _hand_in(stage, member, sketch, year, begun + timedelta(days=days))
    after = handed_in.submitted_at + timedelta(days=random.randint(1, 5), hours=2)
    if ending.state == "approved":
        work = stage.coordinator_work(after, place=sketch.place)
        review.approve_submission(work, handed_in.uid, with_report=False)
    elif ending.state == "returned":
        _return(stage, sketch, handed_in, after, random)
    return count


def _settle(stage: Stage, sketch: MemberSketch, inventory: Inventory, begun: date) -> None:
    """Say of each usual category that the member does not have why it does not apply."""
    work = stage.supplier_work(sketch.reporter, moment(begun, 14))
    reported = {row.category for row in rows_of(sketch, inventory.year)}
    for category in data.load_sectors()[sketch.sector].categories:
        if category not in reported:
            inventories.mark_not_applicable(work, inventory, category, NOT_HERE)


def _oddity(random: Random, ending: Ending) -> Oddity:
    if ending.state in ("approved", "none") or random.random() > 0.45:
        return NOTHING_ODD
    return Oddity(
        slip_of_thousand=random.random() < 0.35,
        missing_month=random.random() < 0.4,
        repeated_row=random.random() < 0.25,
        dropped_digit=random.random() < 0.35,
    )


def _fill(
    stage: Stage,
    member: Member,
    sketch: MemberSketch,
    year: int,
    begun: date,
    rows: Sequence[Typed],
    papers: Papers,
) -> tuple[Inventory, int]:
    work = stage.supplier_work(sketch.reporter, moment(begun, 11))
    inventory = inventories.open_inventory(work, member, year)
    files = papers.of(work, member)
    recorded = line_copies.record_lines(work, inventory, [_ready(row, files) for row in rows])
    if recorded.problems:
        raise RuntimeError(f"the demo's own data are refused: {sketch.code} {recorded.problems}")
    product, quantity, unit = output_of(sketch, year)
    outputs.add_output(work, inventory, RawOutput(product, quantity, unit, "zh", {}))
    return inventory, recorded.count


def _ready(row: Typed, files: Mapping[str, int]) -> ReadyLine:
    values = {
        "category": row.category,
        "quantity": row.quantity,
        "unit": row.unit,
        "site": row.site,
        "period": row.period,
    }
    parameters = {f"parameters.{name}": value for name, value in row.parameters.items()}
    paper = files.get(row.category)
    return ReadyLine(values | parameters, () if paper is None else (paper,))


def _hand_in(
    stage: Stage, member: Member, sketch: MemberSketch, year: int, day: date
) -> Submission:
    work = stage.supplier_work(sketch.signatory, moment(min(day, date(2026, 11, 20)), 16))
    inventory = inventories.find_inventory(work, member, year)
    signatory = sketch.signatory
    handed_in = submissions.submit(work, inventory, Declaration(signatory.name, signatory.post))
    return handed_in


def _return(
    stage: Stage, sketch: MemberSketch, handed_in: Submission, at: datetime, random: Random
) -> None:
    work = stage.coordinator_work(at, place=sketch.place)
    keys = [UUID(key) for key in stage.line_keys(handed_in)]
    for question in random.sample(QUESTIONS, 2):
        review.add_finding(
            work,
            handed_in.uid,
            message=question,
            visibility="supplier",
            line_key=random.choice(keys),
        )
    review.return_submission(work, handed_in.uid, "两处数据需要核对，请逐条回复后重新提交。")


def _give_reasons(
    stage: Stage,
    sketch: MemberSketch,
    inventory: Inventory,
    begun: date,
    random: Random,
) -> None:
    work = stage.supplier_work(sketch.reporter, moment(begun, 15))
    for noticed in warnings.noticed(work, inventory)[:2]:
        warnings.explain(
            work, inventory, noticed.warning.code, noticed.warning.address, random.choice(REASONS)
        )
