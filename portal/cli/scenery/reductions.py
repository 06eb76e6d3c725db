"""What the demo's members do about their emissions: a plan once, then a progress report for each approved year."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from portal.cli.scenery import plans as typed
from portal.cli.scenery.cast import LAST_YEAR, MemberSketch
from portal.cli.scenery.papers import Papers
from portal.cli.scenery.stage import Stage, moment
from portal.intake.typed import Typed
from portal.services import actions, dossiers, plans, progress, review, targets
from portal.services.action_estimates import basis_of
from portal.services.sources import source_book
from portal.services.submissions import Declaration
from portal.store.evidence import Evidence
from portal.store.members import Member

# Letters that are answered on the day the demo is loaded lie after this one.
LATEST = date(2026, 11, 18)


def play(stage: Stage, papers: Papers, member: Member, sketch: MemberSketch, year: int) -> int:
    """What follows from the approval of a year: the plan, or the year's progress; returns how much was handed in."""
    if not typed.manner_of(sketch).has_plan or year < typed.plan_year(sketch):
        return 0
    random = Random(f"{sketch.code}/{year}/reduction")  # noqa: S311 -- a demo must be the same every time
    begun = max(date(year + 1, 7, 1), sketch.joined_on + timedelta(days=75))
    begun += timedelta(days=random.randint(0, 45))
    if year == LAST_YEAR:
        begun = date(2026, 5, 20) + timedelta(days=random.randint(0, 60))
    if year == typed.plan_year(sketch):
        return _plan(stage, member, sketch, begun)
    return _progress(stage, papers, member, sketch, year, begun)


def _plan(stage: Stage, member: Member, sketch: MemberSketch, begun: date) -> int:
    work = stage.supplier_work(sketch.reporter, moment(begun, 10))
    plan = plans.begin_plan(work, member)
    saved = targets.adopt(work, plan)
    if saved.target is None:
        raise RuntimeError(f"the demo's own target is refused: {sketch.code} {saved.problems}")
    basis = basis_of(stage.session, member, source_book(stage.session, member.id))
    # Who joined late had begun before: the plan says so, and the first report finds something under way.
    for each in typed.actions_of(sketch, basis, typed.plan_year(sketch) + 1, begun):
        added = actions.add_action(work, plan, each, basis)
        if added.action is None:
            raise RuntimeError(f"the demo's own action is refused: {sketch.code} {added.problems}")
    signing = stage.supplier_work(sketch.signatory, moment(begun + timedelta(days=3), 16))
    handed_in = plans.submit_plan(signing, plan, _declaration(sketch))
    deciding = stage.coordinator_work(moment(begun + timedelta(days=9), 15), place=sketch.place)
    review.approve_submission(deciding, handed_in.uid)
    return 1


def _progress(
    stage: Stage, papers: Papers, member: Member, sketch: MemberSketch, year: int, begun: date
) -> int:
    work = stage.supplier_work(sketch.reporter, moment(begun, 10))
    report = progress.begin_progress(work, member, year)
    files = papers.of(work, member)
    for place, each in enumerate(progress.rows_of(stage.session, report)):
        values, is_proven = typed.reported_of(sketch, each.row, place, year, each.action.start_on)
        steps = each.open_steps
        days = typed.reached_of(sketch, steps, place, year)
        problems = progress.save_row(work, report, each.row, Typed({**values, **days}), steps)
        if problems:
            raise RuntimeError(f"the demo's own progress is refused: {sketch.code} {problems}")
        if is_proven:
            paper = files.get(each.action.category, next(iter(files.values())))
            progress.link(work, report, each.row, stage.session.get_one(Evidence, paper))
    random = Random(f"{sketch.code}/{year}/words")  # noqa: S311 -- a demo must be the same every time
    detail = {"barriers": random.choice(typed.BARRIERS), "help": random.choice(typed.HELP)}
    dossiers.describe(work, report, detail, "")
    day = min(begun + timedelta(days=4), LATEST)
    signing = stage.supplier_work(sketch.signatory, moment(day, 16))
    handed_in = progress.submit_progress(signing, report, _declaration(sketch))
    if year == LAST_YEAR and sketch.place % 5 == 0:
        return 1  # some wait for the coordinator
    deciding = stage.coordinator_work(moment(day + timedelta(days=6), 15), place=sketch.place)
    review.approve_submission(deciding, handed_in.uid, with_report=False)
    return 1


def _declaration(sketch: MemberSketch) -> Declaration:
    return Declaration(sketch.signatory.name, sketch.signatory.post)
