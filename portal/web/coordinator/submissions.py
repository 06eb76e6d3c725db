"""The review queue and the review page, with its findings and its two decisions."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.refusals import Conflict
from portal.domain.review import Comparison
from portal.domain.submissions import Kind, State
from portal.services import (
    dossier_review,
    restatements,
    review,
    review_page,
    review_queue,
    submissions,
)
from portal.services.dossier_review import DossierReview
from portal.services.pages import Page, slice_of
from portal.services.review_page import ReviewPage
from portal.services.review_queue import QueueFilter
from portal.store.members import Member
from portal.store.submissions import Submission
from portal.web import queries
from portal.web.coordinator import blueprint, branches, dossiers
from portal.web.forms.fields import SummaryItem
from portal.web.forms.review import FindingForm, ReturnForm
from portal.web.names import name_of, sector_choices, submission_kind_name
from portal.web.requests import current_work, roll_back

SORTS = ("oldest", "newest", "largest", "warnings", "member")
FILTER_NAMES = (
    "state",
    "kind",
    "sector",
    branches.UNIT,
    "year",
    "q",
    "overdue",
    "warnings",
    "sort",
)
# What says which lines of the review are shown; it belongs to one submission and doesn't go along to the next.
VIEW_NAMES = ("all", "page")
LINES_A_PAGE = 100


@blueprint.get("/submissions/")
def submission_list() -> ResponseReturnValue:
    """Show the queue, oldest first, as filtered by the address."""
    wanted = _filter()
    page = review_queue.list_queue(current_work(), wanted, queries.page_number())
    return render_template(
        "coordinator/submissions/list.html",
        page=page,
        wanted=wanted,
        sectors=sector_choices(),
        units=branches.choices(),
        states=list(State),
        kinds=[(kind.value, submission_kind_name(kind.value)) for kind in Kind],
        saved_filters=_saved_filters(),
        kept=_kept(),
    )


@blueprint.get("/submissions/<uuid:submission>")
def submission_review(submission: UUID) -> ResponseReturnValue:
    """Show a submission beside the version before and beside last year."""
    return _review(submission, FindingForm())


@blueprint.post("/submissions/<uuid:submission>/findings")
def finding_add(submission: UUID) -> ResponseReturnValue:
    """Keep a remark on a line or on the whole."""
    form = FindingForm()
    if not form.validate_on_submit():
        return _review(submission, form), 422
    review.add_finding(
        current_work(),
        submission,
        message=form.message.data,
        visibility=form.visibility.data,
        line_key=form.line_key(),
    )
    anchor = f"line-{form.line.data}" if form.line.data else "findings"
    return redirect(_address(submission, VIEW_NAMES) + f"#{anchor}", 303)


@blueprint.post("/submissions/<uuid:submission>/findings/<uuid:finding>/remove")
def finding_remove(submission: UUID, finding: UUID) -> ResponseReturnValue:
    """Take a remark back."""
    review.remove_finding(current_work(), submission, finding)
    return redirect(_address(submission, VIEW_NAMES) + "#findings", 303)


@blueprint.post("/submissions/<uuid:submission>/findings/<uuid:finding>/settle")
def finding_settle(submission: UUID, finding: UUID) -> ResponseReturnValue:
    """Accept the supplier's answer."""
    review.settle_finding(current_work(), submission, finding)
    return redirect(_address(submission, VIEW_NAMES) + "#findings", 303)


@blueprint.get("/submissions/<uuid:submission>/return")
def submission_return_form(submission: UUID) -> ResponseReturnValue:
    """Ask for the reason, with the questions that go along."""
    return _return_page(submission, ReturnForm())


@blueprint.post("/submissions/<uuid:submission>/return")
def submission_return(submission: UUID) -> ResponseReturnValue:
    """Send the submission back."""
    form = ReturnForm()
    if not form.validate_on_submit():
        return _return_page(submission, form), 422
    following = _next_address(submission)
    try:
        done = review.return_submission(current_work(), submission, form.reason.data)
    except Conflict as refusal:
        return _overtaken(submission, refusal)
    # The next submission comes up with these words above it: they say whose they are.
    flash(
        gettext(
            "%(member)s %(year)s: returned. The supplier has been told by mail.", **_named(done)
        ),
        "success",
    )
    return redirect(following, 303)


@blueprint.post("/submissions/<uuid:submission>/approve")
def submission_approve(submission: UUID) -> ResponseReturnValue:
    """Approve; the certificate is made in the background. Questions that were not sent are asked about first."""
    following = _next_address(submission)
    closing = request.form.getlist("unsent", type=UUID)
    try:
        done = review.approve_submission(current_work(), submission, closing=closing)
    except Conflict as refusal:
        if refusal.code == "submission.questions.unsent":
            return _approve_page(submission), 409
        return _overtaken(submission, refusal)
    flash(
        gettext("%(member)s %(year)s: approved. The certificate is being issued.", **_named(done))
        if done.kind in (Kind.BASELINE, Kind.PROGRESS)
        else gettext(
            "%(member)s %(kind)s %(year)s: approved.",
            kind=submission_kind_name(done.kind),
            **_named(done),
        ),
        "success",
    )
    return redirect(following, 303)


@blueprint.get("/submissions/<uuid:submission>/lines/<uuid:line>")
def submission_line(submission: UUID, line: UUID) -> ResponseReturnValue:
    """Open one frozen line to its factor, its formula and its evidence."""
    page = review_page.open_page(current_work(), submission)
    frozen = page.frozen_line(line)
    return render_template("coordinator/submissions/line.html", shown=page, line=frozen)


@blueprint.post("/submissions/<uuid:submission>/reopen")
def submission_reopen(submission: UUID) -> ResponseReturnValue:
    """Let the member correct an approved year."""
    form = ReturnForm()
    if not form.validate_on_submit():
        return _return_page(submission, form), 422
    review.reopen(current_work(), submission, form.reason.data)
    flash(
        gettext("Reopened. The approved figures stand until a new version is approved."), "success"
    )
    return redirect(_address(submission), 303)


def _overtaken(uid: UUID, refusal: Conflict) -> ResponseReturnValue:
    """Nothing was done, because somebody was quicker: show how the submission stands now."""
    if refusal.code != "submission.state.moved_on":
        raise refusal
    roll_back()
    return _review(uid, FindingForm(), overtaken=True), refusal.status


def _review(uid: UUID, form: FindingForm, *, overtaken: bool = False) -> str:
    shown = _open(uid)
    work = current_work()
    place, total, previous, following = review_queue.neighbours(work, _filter(), uid)
    own = (
        {
            "template": "coordinator/submissions/review.html",
            "page": _rows(shown),
            "sets_aside": _sets_aside(shown.submission),
        }
        if isinstance(shown, ReviewPage)
        else {"template": "coordinator/dossiers/review.html", **dossiers.values_of(shown)}
    )
    return render_template(
        own.pop("template"),
        **own,
        shown=shown,
        form=form,
        problems=_remark_problems(form),
        overtaken=overtaken,
        place=place,
        total=total,
        previous=previous,
        following=following,
        shows_all=queries.ticked("all"),
        kept=_kept(),
        acts=_kept(FILTER_NAMES + VIEW_NAMES),
    )


def _sets_aside(submission: Submission) -> bool:
    """Whether approving it would set aside what the year was recalculated to."""
    return (
        submission.number > 1
        and submission.state == State.SUBMITTED
        and restatements.is_restated(current_work().session, submission.member_id, submission.year)
    )


def _open(uid: UUID) -> ReviewPage | DossierReview:
    """The submission as it is judged, an inventory by its lines and a dossier by its parts."""
    work = current_work()
    if submissions.find(work, uid).kind == Kind.BASELINE:
        return review_page.open_page(work, uid)
    return dossier_review.open_review(work, uid)


def _remark_problems(form: FindingForm) -> list[SummaryItem]:
    """Each line has a box of its own for the remark: the summary leads to the one that was sent."""
    box = f"#remark-{form.line.data or 'whole'}"
    return [SummaryItem(str(text), box) for text in form.message.errors]


def _rows(shown: ReviewPage) -> Page[Comparison]:
    rows = shown.rows if queries.ticked("all") else shown.to_look_at()
    return slice_of(rows, queries.page_number(), LINES_A_PAGE)


def _return_page(uid: UUID, form: ReturnForm) -> str:
    shown = _open(uid)
    return render_template(
        "coordinator/submissions/return.html", shown=shown, form=form, kept=_kept()
    )


def _approve_page(uid: UUID) -> str:
    """Nothing was done: ask once more, because nobody would ever read the questions that an approval closes."""
    roll_back()
    work = current_work()
    found = submissions.find(work, uid)
    return render_template(
        "coordinator/submissions/approve.html",
        submission=found,
        member=work.session.get_one(Member, found.member_id),
        unsent=review.unsent_questions(work, uid),
        kept=_kept(),
    )


def _filter() -> QueueFilter:
    return QueueFilter(
        state=queries.word("state", [*State, ""], State.SUBMITTED.value),
        kind=queries.word("kind", [*Kind, ""]),
        search=queries.search_text(),
        sector=queries.word("sector"),
        unit=branches.chosen(),
        year=queries.whole("year"),
        only_overdue=queries.ticked("overdue"),
        least_warnings=queries.whole("warnings") or 0,
        sort=queries.word("sort", SORTS, "oldest"),
    )


def _saved_filters() -> list[tuple[str, str]]:
    """Filters that everybody needs, as (words, address)."""
    return [
        (gettext("Waiting"), url_for(".submission_list")),
        (gettext("More than 10 days"), url_for(".submission_list", overdue=1)),
        (gettext("Three warnings or more"), url_for(".submission_list", warnings=3)),
        (
            gettext("Returned, waiting for the supplier"),
            url_for(".submission_list", state="returned"),
        ),
    ]


def _named(submission: Submission) -> dict[str, object]:
    member = current_work().session.get_one(Member, submission.member_id)
    return {"member": name_of(member), "year": submission.year}


def _kept(names: tuple[str, ...] = FILTER_NAMES) -> dict[str, str]:
    """The filter as the address has it, to go along with every link of the review."""
    return {name: request.args[name] for name in names if name in request.args}


def _address(uid: UUID, view: tuple[str, ...] = ()) -> str:
    return url_for(".submission_review", submission=uid, **_kept(FILTER_NAMES + view))


def _next_address(uid: UUID) -> str:
    """Where the reviewer goes after a decision: the next in the queue, or the queue."""
    work = current_work()
    submissions.find(work, uid)
    following = review_queue.neighbours(work, _filter(), uid)[3]
    return _address(following) if following else url_for(".submission_list", **_kept())
