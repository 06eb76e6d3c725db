"""Works all approved years out under another factor edition, some members at a time; what was done is not done again."""

from __future__ import annotations

from portal.domain.words import N_
from portal.jobs.held import HeldJob, Hopeless
from portal.services import edition_trials, trial_figures
from portal.services.work import Work
from portal.store.restatements import EditionTrial

MEMBERS_AT_ONCE = 10


def try_edition(held: HeldJob) -> None:
    """Keep what each member comes to, and then the trial is ready to be decided on."""
    with held.reading() as work:
        trial = _trial_of(work, held)
        members = trial_figures.waiting_members(work.session, trial)
    if trial.state != edition_trials.RUNNING:
        return
    for first in range(0, len(members), MEMBERS_AT_ONCE):
        held.show(100 * first // len(members), N_("Working out the approved years"))
        _try_members(held, members[first : first + MEMBERS_AT_ONCE])
    with held.finishing() as work:
        edition_trials.make_ready(work, _trial_of(work, held))


def _try_members(held: HeldJob, members: list[int]) -> None:
    """Read and reckon outside the transaction that writes, so that nobody waits for the reckoning."""
    with held.reading() as work:
        trial = _trial_of(work, held)
        found = [trial_figures.figures_of(work.session, trial, member) for member in members]
    with held.writing() as work:
        trial_figures.keep(work, _trial_of(work, held), found)


def _trial_of(work: Work, held: HeldJob) -> EditionTrial:
    trial = work.session.get(EditionTrial, held.arguments["trial_id"])
    if trial is None:
        raise Hopeless(f"there is no trial {held.arguments['trial_id']}")
    return trial
