"""Plans and progress of the alliance: its trajectory, what tonnes cost, its roadmap, and who is off track."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import data
from portal.documents.charts.abatement import Block
from portal.documents.charts.bars import bullet
from portal.documents.charts.drawing import Chart
from portal.domain.levers import AREA_NAMES, Area
from portal.domain.programmes import Programme
from portal.domain.progress import OFF_PATH_NAMES, OffPath
from portal.services import portfolio, programmes, progress_list, reductions
from portal.services.plan_summaries import OWN
from portal.services.progress_list import SORTS, ProgressFilter, ProgressRow, Standing
from portal.services.reductions import Reductions
from portal.services.trajectories import LAST_YEAR
from portal.web import formats, plan_charts, queries
from portal.web.coordinator import blueprint, branches
from portal.web.names import name_of, sector_choices
from portal.web.requests import current_work


@blueprint.get("/reductions", endpoint="reductions")
def reduction_page() -> ResponseReturnValue:
    """Show plans and progress of the alliance or a branch."""
    shown = reductions.reductions(
        current_work(), queries.whole("year"), queries.word(branches.UNIT)
    )
    return render_template(
        "coordinator/reductions/overview.html",
        shown=shown,
        units=branches.choices_of(shown.tree),
        trajectory=_trajectories(shown),
        abatement=_abatements(shown),
        lever_name=lever_name,
    )


@blueprint.get("/progress")
def progress_table() -> ResponseReturnValue:
    """List members by their approved progress of a year."""
    work = current_work()
    years = portfolio.reporting_years(work)
    wanted = _filter(years)
    programme = programmes.in_force(work.session, portfolio.the_alliance(work).id).programme
    page = progress_list.list_progress(work, wanted, queries.page_number())
    return render_template(
        "coordinator/reductions/progress.html",
        page=page,
        wanted=wanted,
        years=years,
        units=branches.choices(),
        sectors=sector_choices(),
        reported=progress_list.reported_count(work, wanted.year),
        bullets=[_bullet(row) for row in page.rows],
        reason_of=reason_of,
        level_name=partial(level_name, programme),
    )


def lever_name(lever: str) -> str:
    """The name of a lever; own actions are named by their area, a lever that is no longer shipped by its id."""
    if lever.startswith(OWN):
        area = gettext(AREA_NAMES[Area(lever.removeprefix(OWN))])
        return gettext("Own actions, %(area)s", area=area)
    known = data.load_levers().get(lever)
    return lever if known is None else name_of(known)


def reason_of(code: str) -> str:
    """Why a year is off its path, in words; nothing for a year on it."""
    return gettext(OFF_PATH_NAMES[OffPath(code)]) if code else ""


def level_name(programme: Programme, level: str) -> str:
    """The name of a level; its id where the rules no longer have it."""
    rule = programme.level(level)
    return level if rule is None else name_of(rule)


def _filter(years: list[int]) -> ProgressFilter:
    year = queries.whole("year")
    return ProgressFilter(
        year=year if year in years else max(years),
        state=Standing(queries.word("state", list(Standing), Standing.OFF_TRACK.value)),
        sector=queries.word("sector"),
        search=queries.search_text(),
        unit=branches.chosen(),
        sort=queries.word("sort", SORTS, "-gap"),
    )


def _trajectories(shown: Reductions) -> list[Chart]:
    years: list[dict[str, Any]] = [
        {
            "year": each.year,
            "scopes": each.scopes,
            "target": each.target,
            "low": each.low,
            "high": each.high,
            "reported": None,
        }
        for each in shown.path
    ]
    return plan_charts.trajectories(years, last=LAST_YEAR)


def _abatements(shown: Reductions) -> list[Chart]:
    blocks = [
        Block(lever_name(each.lever), each.kg_saving, each.cost_per_t) for each in shown.levers
    ]
    return plan_charts.abatement_charts(gettext("Cost of each tonne avoided"), blocks)


def _bullet(row: ProgressRow) -> Chart | None:
    if row.progress is None:
        return None
    title = gettext(
        "%(actual)s t of %(allowed)s t allowed",
        actual=formats.tonnes(row.progress.kg_actual),
        allowed=formats.tonnes(row.progress.kg_target),
    )
    return bullet(
        title, amount=row.progress.kg_actual, target=row.progress.kg_target, most=row.most
    )
