"""What a letter's values may be, and which of them are wiped."""

from __future__ import annotations

from typing import Any

import pytest

from portal.mail.kinds import KINDS, MessageKind, check_address, check_values, without_secrets
from tests.factories.letters import values_of


@pytest.mark.parametrize("kind", MessageKind)
def test_complete_values_pass(kind: MessageKind) -> None:
    check_values(kind, values_of(kind))
    needed = KINDS[kind].names - KINDS[kind].blank
    check_values(kind, {name: values_of(kind)[name] for name in needed})


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        (MessageKind.RETURNED, {"reason": ""}, "reason is empty"),
        (MessageKind.RETURNED, {"reason": None}, "reason is empty"),
        (MessageKind.RETURNED, {"colour": "red"}, "unknown .*colour"),
        (MessageKind.RETURNED, {"about": "a poem"}, "not a valid Kind"),
        (MessageKind.RETURNED, {"findings": 2.5}, "neither text nor a whole number"),
        (MessageKind.REMINDER, {"due_on": "31.03.2026"}, "Invalid isoformat"),
        (MessageKind.INVITATION, {"expires_at": "2026-03-12T16:30:00"}, "no time zone"),
        (MessageKind.TWO_FACTOR_CHANGED, {"change": "lost"}, "SecondFactorChange"),
        (MessageKind.ROLES_CHANGED, {"roles": "owner"}, "Role"),
        (MessageKind.IMPORT_ENDED, {"outcome": "lost"}, "ImportOutcome"),
    ],
)
def test_wrong_value_is_refused(kind: MessageKind, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_values(kind, values_of(kind, **changes))


def test_missing_value_is_refused() -> None:
    with pytest.raises(ValueError, match=r"missing \['minutes', 'path'\]"):
        check_values(MessageKind.PASSWORD_RESET, {})


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/reset",
        "//evil.example/reset",
        "/\\evil.example",
        "reset",
        "javascript:alert(1)",
        "/reset\nBcc: x@example.com",
        '/reset"><script>',
        "/重置",
    ],
)
def test_link_to_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no path on the portal's own address"):
        check_values(MessageKind.PASSWORD_RESET, values_of(MessageKind.PASSWORD_RESET, path=path))


@pytest.mark.parametrize(
    "email",
    [
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\nSubject: x",
        "a@example.com,b@example.com",
        "a@example.com b@example.com",
        "A <a@example.com>",
        "a@example.com\x00",
        "no-address",
        "a@@example.com",
        f"{'a' * 250}@example.com",
    ],
)
def test_address_that_is_more_than_one_is_refused(email: str) -> None:
    with pytest.raises(ValueError, match="one plain e-mail address"):
        check_address(email)


def test_links_with_a_token_are_wiped_and_nothing_else() -> None:
    for kind in MessageKind:
        values = values_of(kind)
        kept = without_secrets(kind, values)
        wiped = {name for name, value in kept.items() if value == "" != values[name]}
        has_token = kind in (MessageKind.INVITATION, MessageKind.PASSWORD_RESET)
        assert wiped == ({"path"} if has_token else set())
