"""Potentials of every set, blends by their parts, and gases that stand outside the scopes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.calculation.gases import GwpSet, is_outside_scopes, key_of, potential
from portal.calculation.problems import CalculationError
from portal.calculation.refrigerants import blend_gwp
from tests.factories.activity_lines import context


@pytest.mark.parametrize(
    ("gwp", "fossil", "biogenic", "n2o"),
    [
        ("AR4", "25", "25", "298"),
        ("AR5", "28", "28", "265"),
        ("AR6", "29.8", "27", "273"),
        ("GBT", "27.9", "27.9", "273"),
    ],
)
def test_a_set_gives_methane_by_origin(gwp: str, fossil: str, biogenic: str, n2o: str) -> None:
    table = context(gwp=gwp).potentials
    assert (table["ch4_fossil"], table["ch4_biogenic"]) == (Decimal(fossil), Decimal(biogenic))
    assert (table["n2o"], table["co2"], table["co2_biogenic"]) == (Decimal(n2o), 1, 0)


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("HFC125", "hfc-125"),
        ("hfc134a", "hfc-134a"),
        ("r_404a", "r-404a"),
        ("HFO1234yf", "hfo-1234yf"),
        ("hfc4310mee", "hfc-43-10mee"),
        ("C2F6", "c2f6"),
        ("sf6", "sf6"),
        ("R600a", "r-600a"),
    ],
)
def test_a_gas_has_one_key_however_it_is_printed(printed: str, key: str) -> None:
    assert key_of(printed) == key


@pytest.mark.parametrize("gwp", ["AR4", "AR5", "AR6"])
def test_a_blend_comes_to_what_the_library_computed(gwp: str) -> None:
    under = context(gwp=gwp)
    blends = [gas for gas in under.gases.values() if gas.is_blend]
    assert len(blends) == 14
    for gas in blends:
        printed = gas.row.numbers.get(gwp.lower())
        if printed is None:
            continue
        parts = [
            (share, potential(part, under.potentials, GwpSet(gwp))) for part, share in gas.parts
        ]
        assert abs(blend_gwp(components=parts)["gwp"] - printed) < Decimal("0.5"), gas.key


def test_the_parts_of_every_gas_make_a_whole() -> None:
    for gas in context().gases.values():
        assert sum(share for _, share in gas.parts) == 1, gas.key
        assert gas.name_en
        assert gas.name_zh


def test_a_gas_that_a_set_does_not_give_is_refused() -> None:
    with pytest.raises(CalculationError) as caught:
        potential("hfo-1234yf", context(gwp="AR4").potentials, GwpSet.AR4)
    assert caught.value.problem.code == "line.gas.no_potential"


def test_only_gases_of_the_montreal_protocol_stand_outside() -> None:
    outside = {gas for gas in context().gases if is_outside_scopes(gas)}
    assert outside == {"hcfc-22", "hcfc-123", "hcfc-141b", "hcfc-142b", "cfc-12"}
