"""The others of a member, worked out in a few steps, held against looking at each of them."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from portal.domain.comparisons import why_hidden
from portal.domain.peers import Made, PeerGroup
from portal.domain.plausibility import median


@pytest.mark.parametrize("count", [2, 5, 6, 7, 12, 13])
def test_others_of_each_member_come_to_what_looking_at_all_of_them_does(count: int) -> None:
    random = Random(count)
    for spread in (0.1, 1.2):
        members = [
            Made(
                Decimal(f"{random.lognormvariate(5, spread):.2f}"),
                Decimal(random.choice((1, 2, 2, 5))),
            )
            for _ in range(count)
        ]
        members[-1] = members[0]  # two that are alike
        group = PeerGroup(members)
        for place, own in enumerate(members):
            others = members[:place] + members[place + 1 :]
            assert group.why_hidden_without(own) == why_hidden([each.kg for each in others])
            assert group.middle_without(own) == median([each.intensity for each in others])


def test_member_alone_has_nobody_to_be_compared_with() -> None:
    own = Made(Decimal(5), Decimal(1))
    assert PeerGroup([own]).why_hidden_without(own) is not None
