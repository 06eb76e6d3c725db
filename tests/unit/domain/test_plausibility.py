"""Plain statistics: a middle without one of its values is the middle of the others."""

from __future__ import annotations

import statistics
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.plausibility import median_without

AMOUNTS = st.lists(st.decimals(-1000, 1000, places=1), min_size=2, max_size=12)


@given(AMOUNTS, st.data())
def test_median_without_one_is_the_median_of_the_others(
    amounts: list[Decimal], chance: st.DataObject
) -> None:
    own = chance.draw(st.sampled_from(amounts))
    others = list(amounts)
    others.remove(own)
    assert median_without(sorted(amounts), own) == statistics.median(others)
