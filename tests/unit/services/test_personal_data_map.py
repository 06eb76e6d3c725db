"""The map of personal data knows every column of every table and every field of the event log."""

from __future__ import annotations

import ast
from collections import Counter

from portal.data.personal import LOG, Erasure, Kind, personal_data
from portal.services.personal_data import ABOUT, CANNOT_BE_TOLD
from portal.store.tables import metadata
from tests.conventions.source import modules

ALWAYS = {"event", "at", "request", "method", "endpoint", "address", "actor", "token"}


def test_every_column_has_one_row_and_every_row_a_column() -> None:
    described = Counter((each.table, each.column) for each in personal_data() if each.table != LOG)
    there = {(table.name, column.name) for table in metadata.tables.values() for column in table.c}

    assert there - described.keys() == set(), "say what these hold about people"
    assert described.keys() - there == set(), "these columns are gone"
    assert [each for each, times in described.items() if times > 1] == []


def test_every_field_of_the_event_log_has_a_row() -> None:
    written = set(ALWAYS)
    for module in modules("portal"):
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and (isinstance(node.func.value, ast.Name) and node.func.value.id == "events")
                and node.func.attr == "log"
            ):
                written |= {each.arg for each in node.keywords if each.arg} - {"level"}

    described = {each.column for each in personal_data() if each.table == LOG}

    assert len(written) > 12
    assert (written - described, described - written) == (set(), set())


def test_whatever_is_about_a_person_has_purpose_basis_retention_and_a_fate() -> None:
    for each in personal_data():
        told = (each.purpose_en, each.basis, each.retention_en, each.retention_zh, each.erasure)
        if each.kind is Kind.NONE:
            assert each.erasure is Erasure.NONE, each
            assert each.retention_en == each.basis == "", each
        else:
            assert all(told), each
            assert each.purpose_zh or each.table == LOG, each
            assert each.basis in ("contract", "law", "interest"), each


def test_secrets_never_outlive_their_person_in_a_form_that_opens_anything() -> None:
    kept = {
        (each.table, each.column)
        for each in personal_data()
        if each.kind is Kind.SECRET and each.erasure is Erasure.KEPT
    }

    # The digest of a link that was used or has expired.
    assert kept == {("invitation", "digest")}


def test_export_leads_to_every_table_that_is_about_people() -> None:
    about_people = {each.table for each in personal_data() if each.kind is Kind.PERSONAL}

    assert about_people == ABOUT.keys() | CANNOT_BE_TOLD.keys()
    assert ABOUT.keys() & CANNOT_BE_TOLD.keys() == set()


def test_every_reference_to_an_account_is_about_a_person() -> None:
    references = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.c
        for key in column.foreign_keys
        if key.column.table.name == "account"
    }
    personal = {(each.table, each.column) for each in personal_data() if each.kind is not Kind.NONE}

    assert len(references) > 15
    assert references - personal == set()
