"""Facts of progress survive their canonical JSON, and a level that they don't come to is refused."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.documents.facts import Name, read_facts, recomputed_level
from portal.documents.progress_certificate import ProgressCertificateFacts, level_from_facts
from portal.documents.progress_report import ProgressReportFacts
from portal.domain.actions import Status
from portal.domain.canonical import canonical_json
from portal.domain.levels import Measure
from tests.factories.progress_actions import actions
from tests.factories.progress_facts import (
    MEASURED,
    TARGET,
    change_facts,
    level_facts,
    minimal_progress_certificate_facts,
    minimal_progress_report_facts,
    progress_certificate_facts,
    progress_report_facts,
)

PEOPLE = {"email", "phone", "account", "owner_name", "supervisor_name", "signed_name"}


@pytest.mark.parametrize(
    "facts",
    [
        progress_certificate_facts(),
        minimal_progress_certificate_facts(),
        progress_report_facts(count=40),
        minimal_progress_report_facts(),
    ],
)
def test_facts_of_progress_read_back_the_same_from_their_json(facts):
    read = read_facts(type(facts), canonical_json(facts))
    assert canonical_json(read) == canonical_json(facts)


def test_target_that_was_read_back_still_computes_its_path():
    read = read_facts(ProgressCertificateFacts, canonical_json(progress_certificate_facts()))
    assert read.target is not None
    assert read.target.terms == TARGET.terms


def test_level_follows_from_the_facts_that_were_read_back():
    read = read_facts(ProgressCertificateFacts, canonical_json(progress_certificate_facts()))
    assert level_from_facts(read) == read.level == "pioneer"
    assert read.reached is not None
    assert read.reached.name.en == "Pioneer"


@pytest.mark.parametrize("kind", [progress_certificate_facts, progress_report_facts])
def test_level_that_does_not_follow_from_the_values_is_refused(kind):
    with pytest.raises(ValueError, match="does not follow"):
        kind(level="on_track")


def test_level_that_was_raised_afterwards_is_no_longer_facts():
    data = json.loads(canonical_json(minimal_progress_certificate_facts()))
    with pytest.raises(ValueError, match="does not follow"):
        read_facts(ProgressCertificateFacts, canonical_json(data | {"level": "pioneer"}))


def test_condition_that_is_called_met_against_its_value_is_refused():
    *lower, highest = level_facts({**MEASURED, Measure.VERIFIED_SHARE: Decimal(10)})
    lie = tuple(replace(each, is_met=True) for each in highest.criteria)
    with pytest.raises(ValueError, match="said to be"):
        recomputed_level((*lower, replace(highest, criteria=lie)))


def test_measure_with_two_values_is_refused():
    *lower, highest = level_facts()
    other = tuple(
        replace(each, value=Decimal(1)) if each.measure is Measure.QUALITY else each
        for each in highest.criteria
    )
    with pytest.raises(ValueError, match="two values"):
        recomputed_level((*lower, replace(highest, criteria=other)))


def test_level_is_empty_where_not_even_the_lowest_is_reached():
    facts = progress_certificate_facts(levels=level_facts({}))
    assert facts.level == ""
    assert facts.reached is None


def test_facts_of_progress_name_no_person():
    for facts in (progress_certificate_facts(), progress_report_facts()):
        words = canonical_json(facts).decode()
        assert not any(f'"{word}"' in words for word in PEOPLE)


def test_change_whose_parts_do_not_add_up_is_refused():
    with pytest.raises(ValueError, match="add up"):
        change_facts(structure=Decimal(1))


def test_remainder_is_what_verified_savings_leave_of_the_fall_of_intensity():
    change = change_facts()
    assert change.intensity is not None
    assert change.remainder == -change.intensity - change.kg_verified
    assert change_facts(with_output=False).remainder is None


def test_overdue_milestones_are_open_ones_of_actions_that_go_on():
    late = next(each for each in actions() if each.overdue(date(2026, 1, 1)))
    assert [step.due_on for step in late.overdue(date(2026, 1, 1))] == [date(2025, 11, 30)]
    assert replace(late, status=Status.STOPPED).overdue(date(2026, 1, 1)) == []


@pytest.mark.parametrize("changes", [{"number": ""}, {"valid_until": date(2020, 1, 1)}])
def test_certificate_without_number_or_time_is_refused(changes):
    with pytest.raises(ValueError):
        progress_certificate_facts(**changes)


def test_facts_of_a_report_are_not_those_of_a_certificate():
    with pytest.raises(ValueError):
        read_facts(ProgressReportFacts, canonical_json(progress_certificate_facts()))
    assert Name("") == TARGET.product
