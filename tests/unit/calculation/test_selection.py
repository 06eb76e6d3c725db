"""Stories of choosing: whose publication, which place, which year; and when the answer is none or several."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from portal import data
from portal.calculation.factors import Edition, Factor, Family, Tier
from portal.calculation.labels import why
from portal.calculation.selection import Choice, Fit, Flag, Query, select
from portal.calculation.units import Dimension

MASS = frozenset({Dimension.MASS})


def factor(name: str, value: str = "1", **more: Any) -> Factor:
    """A row per tonne of a national publication of China, unless told otherwise."""
    family = Family(
        "", more.pop("tier", Tier.NATIONAL), more.pop("sector", None), "some set", "某因子集"
    )
    texts = {"ncv_unit": more.pop("ncv_unit")} if "ncv_unit" in more else {}
    values: dict[str, Any] = {
        "table": "fuels",
        "name_en": name,
        "name_zh": name,
        "region": "CN",
        "valid_from": date(2015, 1, 1),
        "valid_to": None,
        "unit": "t",
        "per": "t",
        "numbers": MappingProxyType({"co2": Decimal(value)}),
        "texts": texts,
        "gwp_set": "n/a (CO2 only)",
        "source": "a book",
        "source_table": "1",
        "source_year": 2015,
        "verification": "official document",
        "confidence": "high",
        "notes": "",
        "family": family,
    }
    return Factor(id=name, **{**values, **more})


def of_year(name: str, year: int, **more: Any) -> Factor:
    """A row that describes one calendar year."""
    return factor(name, valid_from=date(year, 1, 1), valid_to=date(year, 12, 31), **more)


def chosen(rows: Iterable[Factor], *patterns: str, year: int = 2024, **more: Any) -> Choice:
    """The choice among rows for a place in northern China, whatever their order."""
    listed = list(rows)
    query = Query(
        patterns=patterns or ("*",),
        country=more.pop("country", "CN"),
        areas=more.pop("areas", ("CN-NM", "CN:north", "CN", "IPCC:asia", "GLO")),
        year=year,
        sector=more.pop("sector", "food"),
        dimensions=more.pop("dimensions", MASS),
        **more,
    )
    there = select(Edition.of("test", date(2026, 1, 1), listed), query)
    back = select(Edition.of("test", date(2026, 1, 1), listed[::-1]), query)
    assert there.factor == back.factor
    return there


def picked(choice: Choice) -> str:
    """The id of the factor that was chosen."""
    assert choice.factor is not None
    return choice.factor.id


def test_the_publication_of_the_same_year_wins() -> None:
    choice = chosen([of_year(f"grid.{year}", year) for year in (2022, 2023, 2024)], year=2023)
    assert (picked(choice), choice.fit, choice.flags) == ("grid.2023", Fit.VALID, ())


def test_the_latest_earlier_year_is_taken_and_called_stale() -> None:
    choice = chosen([of_year(f"grid.{year}", year) for year in (2021, 2022, 2026)], year=2024)
    assert (picked(choice), choice.fit, choice.flags) == ("grid.2022", Fit.EARLIER, (Flag.STALE,))


def test_a_later_year_is_only_taken_when_nothing_is_older() -> None:
    choice = chosen([of_year("late", 2026), of_year("later", 2028)], year=2024)
    assert (picked(choice), choice.flags) == ("late", (Flag.LATER,))


def test_the_standard_of_the_own_sector_goes_before_any_other_publication() -> None:
    rows = [
        factor("standard.food", tier=Tier.SECTOR_STANDARD, sector="food"),
        factor("standard.farm", tier=Tier.SECTOR_STANDARD, sector="farm"),
        of_year("published", 2024),
        factor("ipcc", tier=Tier.IPCC, region="GLO"),
    ]
    assert picked(chosen(rows, sector="food")) == "standard.food"
    assert picked(chosen(rows, sector="farm")) == "standard.farm"


def test_the_standard_of_another_sector_is_flagged() -> None:
    rows = [factor("standard.farm", tier=Tier.SECTOR_STANDARD, sector="farm")]
    assert chosen(rows, sector="food").flags == (Flag.OTHER_SECTOR,)


def test_a_stale_national_publication_goes_before_a_valid_default_of_the_ipcc() -> None:
    rows = [of_year("national", 2020), factor("ipcc", tier=Tier.IPCC, region="GLO")]
    assert picked(chosen(rows)) == "national"


def test_a_default_of_the_ipcc_goes_before_another_country() -> None:
    rows = [factor("uk", region="GB"), factor("ipcc", tier=Tier.IPCC, region="GLO")]
    assert picked(chosen(rows)) == "ipcc"
    assert picked(chosen(rows, country="GB", areas=("GB", "GLO"))) == "uk"


def test_another_country_goes_before_a_secondary_database() -> None:
    rows = [factor("uk", region="GB"), factor("compiled", tier=Tier.SECONDARY)]
    choice = chosen(rows)
    assert (picked(choice), choice.tier) == ("uk", Tier.FOREIGN)


def test_another_country_is_no_answer_where_the_place_matters() -> None:
    assert chosen([factor("uk", region="GB")], may_be_foreign=False).factor is None


def test_the_standard_of_another_country_binds_nobody() -> None:
    rows = [
        factor("standard", tier=Tier.SECTOR_STANDARD, sector="food"),
        factor("ipcc", tier=Tier.IPCC, region="GLO"),
    ]
    assert picked(chosen(rows, country="NZ", areas=("NZ", "GLO"))) == "ipcc"


def test_the_nearer_place_wins_within_one_tier() -> None:
    rows = [
        of_year("national", 2024),
        of_year("province", 2023, region="CN-NM"),
        of_year("elsewhere", 2024, region="CN-BJ"),
    ]
    assert picked(chosen(rows)) == "province"


def test_a_factor_of_another_province_is_no_answer() -> None:
    rows = [factor("elsewhere", region="CN-BJ"), factor("east", region="CN:east")]
    assert chosen(rows).factor is None


@pytest.mark.parametrize(
    ("doubt", "flag"),
    [
        ({"verification": "unverified"}, Flag.UNVERIFIED),
        ({"confidence": "low"}, Flag.LOW_CONFIDENCE),
        ({"notes": "DOUBTFUL: sister tables print another value"}, Flag.LOW_CONFIDENCE),
    ],
)
def test_a_doubtful_factor_loses_to_any_other_and_never_wins_silently(
    doubt: dict[str, str], flag: Flag
) -> None:
    best = factor("doubtful", tier=Tier.SECTOR_STANDARD, sector="food", **doubt)
    assert picked(chosen([best, factor("uk", region="GB")])) == "uk"
    assert picked(chosen([best, of_year("uk.later", 2030, region="GB")])) == "uk.later"
    assert chosen([best]).flags == (flag,)


def test_nothing_that_fits_is_an_answer() -> None:
    choice = chosen([factor("other")], "wanted.*")
    assert (choice.factor, choice.is_several) == (None, False)


def test_two_equally_good_factors_are_an_answer_too() -> None:
    choice = chosen([factor("sheep.high", "9"), factor("sheep.low", "5")], "sheep.*")
    assert choice.is_several
    assert set(choice.rivals) == {"sheep.high", "sheep.low"}
    assert choice.factor is None


def test_the_order_of_the_patterns_breaks_a_tie() -> None:
    rows = [factor("grade.a"), factor("grade.b")]
    assert picked(chosen(rows, "grade.b", "grade.a")) == "grade.b"


def test_a_standard_serves_the_years_before_it_only_where_the_alliance_says_so() -> None:
    rows = [
        factor(
            "standard",
            tier=Tier.SECTOR_STANDARD,
            sector="food",
            valid_from=date(2025, 7, 1),
        ),
        factor("ipcc", tier=Tier.IPCC, region="GLO"),
    ]
    early = chosen(rows, year=2020)
    assert (picked(early), early.flags) == ("standard", (Flag.STANDARD_BEFORE_FORCE,))
    assert picked(chosen(rows, year=2020, early_standards=False)) == "ipcc"
    assert chosen(rows, year=2025, early_standards=False).flags == ()


def test_a_factor_per_another_unit_is_no_answer() -> None:
    volume = frozenset({Dimension.VOLUME})
    assert chosen([factor("per tonne")], dimensions=volume).factor is None
    assert chosen([factor("per tonne")], dimensions=None).factor is not None


def test_a_factor_with_a_known_energy_content_is_reached_through_it() -> None:
    rows = [factor("per tonne", ncv_unit="GJ/t")]
    energy = frozenset({Dimension.ENERGY})
    assert chosen(rows, dimensions=energy).factor is None
    assert chosen(rows, dimensions=energy, through=frozenset({"GJ/t"})).factor is not None


def test_the_same_question_is_answered_from_memory() -> None:
    edition = Edition.of("test", date(2026, 1, 1), [factor("one")])
    query = Query(("one",), "CN", ("CN",), 2024, "food")
    assert select(edition, query) is select(edition, query)


def test_two_rows_with_one_id_make_no_edition() -> None:
    with pytest.raises(ValueError):
        Edition.of("test", date(2026, 1, 1), [factor("one"), factor("one")])


def test_a_choice_says_why_in_both_languages() -> None:
    choice = chosen([of_year("grid.2022", 2022)], year=2024)
    assert choice.factor is not None
    assert choice.tier is not None
    label = why(choice.factor, choice.tier, choice, 2024)
    assert (
        label.en == "National or provincial publication (some set) of 2022, the latest before 2024."
    )
    assert label.zh == "国家或省级公布值（某因子集）（2022 年），为 2024 年之前最新一版。"


@pytest.mark.parametrize(
    ("patterns", "country", "year", "expected"),
    [
        (("cn.grid.national.*.average",), "CN", 2023, "cn.grid.national.2023.average"),
        (("cn.grid.national.*.average",), "CN", 2025, "cn.grid.national.2023.average"),
        (("*.aib.production.*",), "DE", 2022, "de.aib.production.2022"),
        (("in.grid.*",), "IN", 2023, "in.grid.fy2023"),
        (("nz.grid.20*",), "NZ", 2022, "nz.grid.2022"),
    ],
)
def test_the_shipped_edition_answers_for_grids(
    patterns: tuple[str, ...], country: str, year: int, expected: str
) -> None:
    areas = data.load_places().areas(country, "")
    query = Query(patterns, country, areas, year, "food", may_be_foreign=False)
    assert picked(select(data.load_edition(), query)) == expected
