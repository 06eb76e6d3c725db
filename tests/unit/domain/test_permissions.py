"""Who may do what, told as stories rather than as a copy of the table."""

import pytest

from portal.domain.actors import STRANGER, SYSTEM, AccountId, Actor, MemberId, Role
from portal.domain.permissions import GRANTS, Permission, Reason, may

OWN, FOREIGN = MemberId(1), MemberId(2)


def person(role: Role, member: MemberId | None = None) -> Actor:
    return Actor(AccountId(7), "A", frozenset({role}), member)


def test_stranger_may_nothing() -> None:
    for permission in Permission:
        verdict = may(STRANGER, permission, OWN)
        assert not verdict
        assert verdict.reason is Reason.NOT_LOGGED_IN


def test_portal_itself_may_everything() -> None:
    assert all(may(SYSTEM, permission) for permission in Permission)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.SIGNATORY, Role.VIEWER])
def test_supplier_person_may_nothing_about_another_member(role: Role) -> None:
    actor = person(role, OWN)
    for permission in GRANTS[role]:
        if permission.value.startswith("member:"):
            assert may(actor, permission, OWN)
            assert may(actor, permission, FOREIGN).reason is Reason.FOREIGN_MEMBER
            assert not may(actor, permission)


@pytest.mark.parametrize("role", [Role.REPORTER, Role.SIGNATORY, Role.VIEWER])
def test_supplier_person_holds_no_alliance_permission(role: Role) -> None:
    assert not [p for p in GRANTS[role] if p.value.startswith("alliance:")]


def test_only_the_signatory_submits() -> None:
    holders = {role for role in Role if Permission.MEMBER_SUBMISSION_SUBMIT in GRANTS[role]}
    assert holders == {Role.SIGNATORY}


def test_only_the_coordinator_decides() -> None:
    holders = {role for role in Role if Permission.ALLIANCE_SUBMISSION_DECIDE in GRANTS[role]}
    assert holders == {Role.COORDINATOR}


def test_verifier_and_viewer_hold_only_reading_permissions() -> None:
    for role in (Role.VERIFIER, Role.VIEWER):
        acts = {
            p.value.rsplit(":", 1)[1] for p in GRANTS[role] if p is not Permission.OWN_ACCOUNT_EDIT
        }
        assert acts == {"read"}


def test_every_permission_is_held_by_some_role() -> None:
    assert set(Permission) == set().union(*GRANTS.values())
