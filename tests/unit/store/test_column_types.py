"""What a column keeps comes back as it was, to the last digit and the last microsecond."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from portal.store.base import LARGEST_STORED, MicroDecimal

DIALECTS = [sqlite.dialect(), postgresql.dialect()]
AMOUNTS = st.decimals(-LARGEST_STORED, LARGEST_STORED, places=6)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@given(amount=AMOUNTS)
def test_amount_comes_back_to_the_last_millionth(dialect: object, amount: Decimal) -> None:
    column = MicroDecimal()
    kept = column.process_bind_param(amount, dialect)
    assert isinstance(kept, int)
    back = column.process_result_value(kept, dialect)
    assert isinstance(back, Decimal)
    assert back == amount


def test_largest_amount_fits_the_column() -> None:
    kept = MicroDecimal().process_bind_param(LARGEST_STORED, DIALECTS[0])
    assert kept is not None
    assert kept < 2**63


def test_float_is_refused_where_exact_amounts_are_kept() -> None:
    with pytest.raises(TypeError, match="float"):
        MicroDecimal().process_bind_param(0.1, DIALECTS[0])  # type: ignore[arg-type]  # what a hurried caller gives
