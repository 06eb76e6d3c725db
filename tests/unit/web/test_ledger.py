"""Every fact that a service puts on record has a name that people read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from portal.domain.ledger.facts import KEY_ROTATED, REPORT_INTENDED
from portal.mail.kinds import SecondFactorChange
from portal.web.ledger import ENTRY_NAMES
from tests.conventions.source import Module, modules, spelled

RECORDING = ("record", "_record", "record_end", "record_settled", "note_new_password")


def recorded() -> set[str]:
    """Every kind that stands as a text in a call that records, and those that are put together."""
    found = {
        kind
        for module in modules("portal/services")
        for call in module.calls()
        if spelled(call.func).rpartition(".")[2] in RECORDING
        for argument in call.args
        for kind in texts(module, argument)
        if "." in kind
    }
    return (
        found
        | {f"account.second_factor_{change.value}" for change in SecondFactorChange}
        | {
            "account.password_changed",
            "certificate.rendered",
            "report.rendered",
            REPORT_INTENDED,
            KEY_ROTATED,
        }
    )


def texts(module: Module, node: ast.expr) -> Iterator[str]:
    """The text of an argument, be it written there or a constant of the module."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for each in module.tree.body if isinstance(node, ast.Name) else ():
        if isinstance(each, ast.Assign) and spelled(each.targets[0]) == node.id:
            yield from texts(module, each.value)


def test_every_kind_has_a_name_and_no_name_is_left_over() -> None:
    assert len(recorded()) > 40
    assert recorded() == ENTRY_NAMES.keys()


def test_every_name_is_said_once() -> None:
    assert len(set(ENTRY_NAMES.values())) == len(ENTRY_NAMES)
