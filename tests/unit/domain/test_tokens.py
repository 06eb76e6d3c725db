"""Tokens of programs: how they are spelled and what they may do."""

from __future__ import annotations

import re
import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import tokens
from portal.domain.actors import AccountId, Actor, MemberId, Role
from portal.domain.permissions import GRANTS, Permission, Reason, may
from portal.domain.tokens import GIVES, SCOPE_NAMES, Scope
from portal.web.access import ACCESS


@given(st.binary(min_size=32, max_size=32))
def test_token_is_recognised_when_it_is_whole(secret: bytes) -> None:
    text = tokens.spell(secret)

    assert tokens.is_spelled(text)
    assert re.fullmatch(r"zcap_[0-9A-Za-z]{49}", text)
    assert not tokens.is_spelled(text[:-1])
    assert not tokens.is_spelled(text + "0")


def test_every_slip_of_one_character_is_noticed() -> None:
    text = tokens.spell(secrets.token_bytes(32))
    slips = [
        text[:place] + other + text[place + 1 :]
        for place in range(len(tokens.PREFIX), len(text))
        for other in string.ascii_letters + string.digits
        if other != text[place]
    ]

    assert len(slips) == 49 * 61
    assert [slip for slip in slips if tokens.is_spelled(slip)] == []


def test_different_secrets_have_different_tokens() -> None:
    made = {tokens.spell(bytes(31) + bytes([number])) for number in range(256)}

    assert len(made) == 256


def test_every_scope_has_a_name_and_powers() -> None:
    assert SCOPE_NAMES.keys() == GIVES.keys() == set(Scope)
    assert all(GIVES.values())


def test_no_scope_gives_what_asks_a_person_for_a_fresh_password() -> None:
    fresh = {access.permission for access in ACCESS.values() if access.fresh and access.permission}
    given_by_some = frozenset().union(*GIVES.values())
    # The pages of these permissions that ask for a fresh password: a bundle as somebody of the alliance.
    also_read = {Permission.ALLIANCE_SUBMISSION_READ}

    assert given_by_some & fresh <= also_read
    assert Permission.OWN_ACCOUNT_EDIT not in given_by_some, "a token can't make tokens"


def test_people_of_the_alliance_are_offered_reading_alone() -> None:
    for role in (Role.COORDINATOR, Role.VERIFIER, Role.ADMINISTRATOR):
        assert tokens.offered([role]) == (Scope.PORTFOLIO_READ,)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER, Role.SIGNATORY])
def test_people_of_a_supplier_are_offered_what_they_may_do_themselves(role: Role) -> None:
    offered = tokens.offered([role])

    assert Scope.PORTFOLIO_READ not in offered
    assert (Scope.LINES_WRITE in offered) == (role is not Role.VIEWER)
    assert (Scope.SUBMISSIONS_SUBMIT in offered) == (role is Role.SIGNATORY)
    for scope in offered:
        assert GIVES[scope] <= GRANTS[role]


def test_token_may_do_what_both_it_and_its_person_may() -> None:
    only = tokens.powers([Scope.LINES_READ.value])
    actor = Actor(AccountId(1), "", frozenset({Role.REPORTER}), MemberId(7), only=only)

    assert may(actor, Permission.MEMBER_INVENTORY_READ, MemberId(7))
    assert may(actor, Permission.MEMBER_INVENTORY_EDIT, MemberId(7)).reason is Reason.TOKEN_LACKS_IT
    assert not may(actor, Permission.MEMBER_INVENTORY_READ, MemberId(8))
    viewer = Actor(
        AccountId(1),
        "",
        frozenset({Role.VIEWER}),
        MemberId(7),
        only=tokens.powers([Scope.LINES_WRITE.value]),
    )
    assert may(viewer, Permission.MEMBER_INVENTORY_EDIT, MemberId(7)).reason is Reason.ROLE_LACKS_IT


def test_scope_of_an_earlier_portal_gives_nothing() -> None:
    assert tokens.powers(["something:else"]) == frozenset()
    assert not tokens.includes(["something:else"], Scope.LINES_READ)


def test_scope_that_writes_includes_reading_the_same_and_nothing_else() -> None:
    assert tokens.includes(["lines:write"], Scope.LINES_READ)
    assert not tokens.includes(["lines:read"], Scope.LINES_WRITE)
    assert not tokens.includes(["evidence:write"], Scope.LINES_READ)
