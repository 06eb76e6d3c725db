"""Facts survive their canonical JSON, and nothing else passes for facts."""

import json
from dataclasses import replace
from datetime import date

import pytest

from portal.documents.certificate import CertificateFacts
from portal.documents.facts import Language, Name, read_facts
from portal.documents.report import ReportFacts
from portal.domain.canonical import canonical_json
from tests.factories.facts import certificate_facts, report_facts


def test_certificate_facts_read_back_the_same_from_their_json():
    facts = certificate_facts()
    read = read_facts(CertificateFacts, canonical_json(facts))
    assert canonical_json(read) == canonical_json(facts)
    assert read.figures.total_location == facts.figures.total_location


@pytest.mark.parametrize("decision", [None, certificate_facts().decision])
def test_report_facts_read_back_the_same_from_their_json(decision):
    facts = report_facts(lines=7, decision=decision)
    assert read_facts(ReportFacts, canonical_json(facts)).lines[6].steps[1].factor is not None
    assert canonical_json(read_facts(ReportFacts, canonical_json(facts))) == canonical_json(facts)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b"nonsense",
        b"\xff",
        canonical_json(report_facts(lines=1)),
        json.dumps(json.loads(canonical_json(certificate_facts())), indent=1).encode(),
        canonical_json(json.loads(canonical_json(certificate_facts())) | {"extra": "1"}),
        canonical_json(
            json.loads(canonical_json(certificate_facts())) | {"issued_on": "2026-02-30"}
        ),
    ],
)
def test_bytes_that_are_not_canonical_certificate_facts_are_refused(data):
    with pytest.raises(ValueError):
        read_facts(CertificateFacts, data)


def test_certificate_facts_name_no_person():
    """Whoever decided is a role; a field for a name, mail or phone would show up here."""
    words = canonical_json(certificate_facts()).decode()
    assert '"role"' in words
    assert not {"email", "phone", "account", "signed_name"} & set(json.loads(words))


def test_certificate_that_ends_before_it_is_issued_is_refused():
    with pytest.raises(ValueError, match="end before"):
        certificate_facts(valid_until=date(2020, 1, 1))


def test_certificate_without_number_is_refused():
    with pytest.raises(ValueError, match="number"):
        certificate_facts(number="")


def test_name_falls_back_to_the_language_it_has():
    assert Name("牧场").first(Language.EN) == "牧场"
    assert Name("牧场").second(Language.EN) == ""
    assert Name("牧场", "Farm").second(Language.EN) == "牧场"
    assert replace(Name("牧场", "Farm"), zh="").first(Language.ZH) == "Farm"
