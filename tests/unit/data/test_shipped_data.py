"""The shipped library and catalogue hold together: digests, ids, patterns, names in both languages."""

from __future__ import annotations

import hashlib
import re
import tomllib
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from portal import data
from portal.calculation.categories import Category, ParameterKind
from portal.calculation.fuels import cn_fuel
from portal.calculation.quantities import exactly
from portal.calculation.recipes import RECIPES
from portal.data.library import digest_of

FOLDER = Path(data.__file__).parent
LIBRARY = Path(__file__).parents[4] / "shared" / "factors"
MIXED = re.compile("[\u4e00-\u9fff] ?[,;:()!?]|[,;:()!?] ?[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", data.editions())
def test_an_edition_is_what_its_manifest_says(code: str) -> None:
    folder = FOLDER / "factors" / code
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.csv")
    }
    assert manifest["code"] == code
    assert manifest["files"] == found
    assert manifest["digest"] == digest_of(found) == data.load_edition(code).digest


def test_the_first_edition_is_the_library_with_the_stoichiometry_beside_it() -> None:
    if not LIBRARY.exists():
        pytest.skip("the library stands beside the repository only where it is built")
    shipped = {path.name for path in (FOLDER / "factors" / "2026.1").glob("*.csv")}
    published = {path.name for path in LIBRARY.glob("*.csv")}
    assert shipped - published == {"process.csv"}
    for name in published:
        assert (FOLDER / "factors" / "2026.1" / name).read_bytes() == (LIBRARY / name).read_bytes()


def test_an_edition_that_is_not_shipped_is_named_with_those_that_are() -> None:
    with pytest.raises(LookupError, match=r"2026\.1"):
        data.load_edition("1999.1")


def test_the_newest_edition_is_taken_by_default_and_read_once() -> None:
    assert data.load_edition() is data.load_edition(data.editions()[-1])


@pytest.mark.parametrize("category", data.load_categories().values(), ids=lambda each: each.id)
def test_every_pattern_of_a_category_finds_a_factor(category: Category) -> None:
    edition = data.load_edition()
    words = {
        "context": ("manufacturing", "residential_agriculture"),
        "year": ("2023",),
        "t": ("t15", "le14"),
        "ef1": ("all", "dry", "synthetic_wet", "other_wet"),
        "ef4": ("ef4",),
        "fracgas": ("fracgasf", "fracgasm"),
    }
    for parameter in category.parameters:
        if parameter.kind is ParameterKind.CHOICE:
            every = {option.code for option in parameter.options}
            every |= {word for option in parameter.options for word in option.keys.values()}
            for name in (parameter.name, *(key for o in parameter.options for key in o.keys)):
                words[name] = tuple(every | set(words.get(name, ())))
                words[f"{parameter.name}_{name}"] = tuple(every)
    for slot in category.slots.values():
        for pattern in slot.patterns:
            if "wtt" in pattern and category.id.startswith("freight."):
                continue  # published for some vehicles only; where it is missing the line says so
            names = sorted(set(re.findall(r"{(\w+)}", pattern)))
            tried = (
                pattern.format(**dict(zip(names, chosen, strict=True)))
                for chosen in product(*(words[name] for name in names))
            )
            assert any(edition.matching(each) for each in tried), (category.id, pattern)


def test_every_category_is_described_in_both_languages() -> None:
    for category in data.load_categories().values():
        parts = [
            (category.name_en, category.name_zh),
            (category.hint_en, category.hint_zh),
            *((each.name_en, each.name_zh) for each in category.parameters),
            *((each.hint_en, each.hint_zh) for each in category.parameters if each.hint_en),
        ]
        assert all(en.strip() and zh.strip() for en, zh in parts), category.id
        assert not [zh for _, zh in parts if MIXED.search(zh)], category.id


def test_every_recipe_is_named_by_a_category_and_known() -> None:
    assert {category.recipe for category in data.load_categories().values()} == set(RECIPES)


def test_scope_3_categories_carry_their_number() -> None:
    for category in data.load_categories().values():
        assert (category.ghg_category > 0) == (category.scope == 3), category.id


def test_the_eight_sectors_propose_categories_that_exist() -> None:
    sectors = data.load_sectors()
    assert len(sectors) == 8
    for sector in sectors.values():
        assert set(sector.categories) <= set(data.load_categories())
        assert len(set(sector.categories)) == len(sector.categories)
        assert sector.standard in {"farm", "food", "other"}
        assert sector.name_en
        assert sector.hint_zh


def test_all_provinces_are_there_with_their_farming_region() -> None:
    provinces = data.load_provinces()
    assert len(provinces) == 34
    mainland = {code for code, each in provinces.items() if each.farming}
    assert len(mainland) == 31
    regions = {row.region for row in data.load_edition().factors if row.region.startswith("CN:")}
    assert {f"CN:{provinces[code].farming}" for code in mainland} == regions


def test_every_grid_factor_of_a_province_belongs_to_one() -> None:
    rows = data.load_edition().matching("cn.grid.province.*")
    assert rows
    assert {row.region for row in rows} <= set(data.load_provinces())


def test_printed_fuel_factors_follow_from_their_parts() -> None:
    for row in data.load_edition().matching("cn.*"):
        numbers = row.numbers
        if "carbon_content_tc_per_gj" not in numbers:
            continue
        with exactly():
            co2 = cn_fuel(
                amount=Decimal(1),
                ncv=numbers["ncv"],
                cc=numbers["carbon_content_tc_per_gj"],
                of=numbers["oxidation_fraction"],
            )["co2_t"]
        assert abs(co2 * 1000 - numbers["co2"]) < Decimal("0.001"), row.id


@pytest.mark.parametrize(
    ("pattern", "low", "high"),
    [
        ("cn.grid.national.*.average", "0.52", "0.57"),
        ("cn.grid.national.*.excl_market_nonfossil", "0.58", "0.62"),
        ("cn.*.diesel", "3000", "3200"),
        ("cn.*.gasoline", "2900", "3100"),
        ("cn.*.natural_gas", "21000", "22500"),
        ("cn.heat.default", "110", "110"),
    ],
)
def test_well_known_factors_have_well_known_sizes(pattern: str, low: str, high: str) -> None:
    found = [row for row in data.load_edition().matching(pattern) if "co2" in row.numbers]
    assert found
    assert all(Decimal(low) <= row.numbers["co2"] <= Decimal(high) for row in found)


def test_no_factor_is_without_a_source() -> None:
    for row in data.load_edition().factors:
        assert row.source, row.id
        assert row.name_en, row.id
        assert row.name_zh, row.id
        assert row.valid_to is None or row.valid_from <= row.valid_to, row.id
