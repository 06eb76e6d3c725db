"""The state of a submission follows from what happened to it, and from nothing else."""

from itertools import product

import pytest

from portal.domain.submissions import Event, ImpossibleHistory, State, fold

POSSIBLE = {
    (Event.SUBMITTED,): State.SUBMITTED,
    (Event.SUBMITTED, Event.RETURNED): State.RETURNED,
    (Event.SUBMITTED, Event.APPROVED): State.APPROVED,
    (Event.SUBMITTED, Event.WITHDRAWN): State.WITHDRAWN,
    (Event.SUBMITTED, Event.APPROVED, Event.REOPENED): State.APPROVED,
    (Event.SUBMITTED, Event.APPROVED, Event.REOPENED, Event.REOPENED): State.APPROVED,
    (Event.SUBMITTED, Event.APPROVED, Event.REOPENED, Event.REPLACED): State.OUTDATED,
    (Event.SUBMITTED, Event.APPROVED, Event.REPLACED): State.OUTDATED,
}


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_fold_allows_exactly_the_possible_histories(length: int) -> None:
    for events in product(Event, repeat=length):
        if events in POSSIBLE:
            assert fold(events) is POSSIBLE[events]
        else:
            with pytest.raises(ImpossibleHistory):
                fold(events)


def test_fold_refuses_a_submission_to_which_nothing_happened() -> None:
    with pytest.raises(ImpossibleHistory):
        fold([])
