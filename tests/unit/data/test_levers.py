"""The shipped levers hold together: enough for everybody, in both languages, sourced, and in step with the factors."""

from __future__ import annotations

import copy
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from portal import data
from portal.calculation.categories import Sector
from portal.calculation.quantities import exactly
from portal.data import catalogue
from portal.domain.levers import Area, Confidence, Direction, Ledger, Lever, Method, read_lever

LEVERS = data.load_levers()
CJK = re.compile("[\u4e00-\u9fff]")
MIXED = re.compile("[\u4e00-\u9fff] ?[,;:()!?]|[,;:()!?] ?[\u4e00-\u9fff]|[\u4e00-\u9fff]\\.")
JUDGEMENT = "Engineering judgement"
REMOVED = object()

each_lever = pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda each: each.id)


def texts(lever: Lever) -> list[tuple[str, str]]:
    """Every Chinese text of a lever with its English one."""
    effects = (lever.water, lever.waste, lever.energy)
    words = [
        *lever.costs,
        *lever.evidence,
        *(each.words for each in effects if each.direction is not Direction.NONE),
    ]
    return [
        (lever.name_zh, lever.name_en),
        (lever.hint_zh, lever.hint_en),
        *((each.zh, each.en) for each in words),
    ]


def test_there_are_levers_for_every_area() -> None:
    assert len(LEVERS) >= 64
    counted = Counter(lever.area for lever in LEVERS.values())
    assert all(counted[area] >= 8 for area in Area), counted


@pytest.mark.parametrize("sector", data.load_sectors().values(), ids=lambda each: each.id)
def test_every_sector_finds_levers_for_what_it_usually_emits(sector: Sector) -> None:
    usual = set(sector.categories)
    fitting = [each for each in LEVERS.values() if each.fits(sector.id)]
    assert sum(not usual.isdisjoint(each.categories) for each in fitting) >= 6
    assert any(sector.id in each.sectors for each in fitting)


@pytest.mark.parametrize(
    "family",
    [
        "heat: recovery pump economiser condensate steam_traps insulation coal_to_gas biomass",
        "power: led air_leaks air_pressure vsd motors pv green",
        "water: loop",
        "wastewater: biogas",
        "waste: sludge sorting",
        "process: cip",
        "packaging: light_weight recycled_pet recycled_board",
        "feed: deforestation_free local low_protein",
        "refrigeration: head_pressure low_gwp natural leaks",
        "cold_store: doors insulation",
        "storage: electric_forklifts",
        "fleet: electric_trucks lng_to_electric eco_driving tyres_aerodynamics",
        "transport: load_factor routes",
        "reefer: electric_standby",
        "freight: rail",
        "enteric: inhibitor fats forage",
        "herd: longevity calving_age health heat_stress genetics",
        "manure: digester cover separation",
        "soils: precision_nitrogen inhibitors manure_for_mineral urea_replaced lime_by_need",
        "farm: solar_pumps machinery plate_cooler milk_heat_recovery",
        "avoided: pv_export digestate reuse_at_customer recyclable_design",
    ],
)
def test_levers_that_plans_rely_on_keep_their_ids(family: str) -> None:
    name, _, members = family.partition(": ")
    assert [each for each in members.split() if f"{name}.{each}" not in LEVERS] == []


def test_avoided_emissions_have_levers_of_their_own() -> None:
    avoided = [each for each in LEVERS.values() if each.ledger is Ledger.AVOIDED]
    assert len(avoided) >= 4
    assert len(avoided) < len(LEVERS) / 4


def test_no_two_levers_have_one_name() -> None:
    for names in (
        [each.name_en.casefold() for each in LEVERS.values()],
        [each.name_zh for each in LEVERS.values()],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []


@each_lever
def test_a_lever_says_everything_in_both_languages(lever: Lever) -> None:
    assert lever.costs
    assert lever.evidence
    for zh, en in texts(lever):
        assert CJK.search(zh), en
        assert en.strip(), zh
        assert not CJK.search(en), en
        assert not MIXED.search(zh), zh


@each_lever
def test_a_hint_is_a_few_plain_sentences(lever: Lever) -> None:
    assert lever.hint_en.endswith(".")
    assert lever.hint_zh.endswith("。")
    assert len(lever.hint_en) <= 260
    assert len(lever.hint_zh) <= 110


@each_lever
def test_a_usual_saving_is_a_sourced_part_of_its_source(lever: Lever) -> None:
    assert 0 < lever.low <= lever.high <= 1
    assert 1 <= lever.lifetime_years <= 40
    assert len(lever.source) >= len(JUDGEMENT)
    assert not CJK.search(lever.source)
    assert 1996 <= lever.source_year <= 2026


@each_lever
def test_a_range_that_is_only_judged_is_not_called_sure(lever: Lever) -> None:
    if lever.source.startswith(JUDGEMENT):
        assert lever.confidence is Confidence.LOW
    if lever.confidence is Confidence.HIGH:
        assert JUDGEMENT.casefold() not in lever.source.casefold()


@each_lever
def test_a_lever_acts_on_sources_that_exist(lever: Lever) -> None:
    known = data.load_categories()
    assert lever.categories
    assert set(lever.categories) <= set(known)
    assert len(set(lever.categories)) == len(lever.categories)
    assert set(lever.sectors) <= set(data.load_sectors())
    assert len(set(lever.sectors)) == len(lever.sectors)
    assert (lever.method is Method.SWITCH) == (lever.switch_to in known)
    assert lever.switch_to not in lever.categories


def test_green_power_says_that_only_the_market_based_figure_falls() -> None:
    green = [each for each in LEVERS.values() if each.switch_to == "electricity.green"]
    assert green
    for lever in green:
        assert "market-based" in lever.hint_en
        assert "location-based" in lever.hint_en
        assert "基于市场" in lever.hint_zh
        assert "基于位置" in lever.hint_zh


def test_solar_power_for_others_is_avoided_and_for_oneself_is_not() -> None:
    own = [each for each in LEVERS.values() if each.switch_to == "electricity.own_pv"]
    assert own
    assert all(each.ledger is Ledger.INVENTORY for each in own)
    assert LEVERS["avoided.pv_export"].ledger is Ledger.AVOIDED


def test_what_is_avoided_is_named_so() -> None:
    for lever in LEVERS.values():
        assert (lever.ledger is Ledger.AVOIDED) == lever.id.startswith("avoided."), lever.id


@pytest.mark.parametrize(
    ("lever", "before", "after"),
    [
        ("packaging.recycled_pet", "material.plastics_pet_incl_forming.primary", "closed_loop"),
        (
            "packaging.recycled_film",
            "material.plastics_ldpe_and_lldpe_incl_forming.primary",
            "closed_loop",
        ),
        (
            "packaging.recycled_aluminium",
            "material.metal_aluminium_cans_and_foil_excl_forming.primary",
            "closed_loop",
        ),
        ("packaging.recycled_board", "material.paper_and_board_mixed.primary", "closed_loop"),
        (
            "waste.by_products",
            "waste.organic_food_and_drink_waste.landfill",
            "anaerobic_digestion",
        ),
    ],
)
def test_a_usual_saving_is_not_more_than_the_factors_give(
    lever: str, before: str, after: str
) -> None:
    edition = data.load_edition()

    def factor(name: str) -> Decimal:
        (row,) = edition.matching(f"uk.desnz2025.{name}")
        return row.numbers["co2e"]

    replaced = before.rpartition(".")[0] + "." + after
    with exactly():
        most = 1 - factor(replaced) / factor(before)
    assert LEVERS[lever].high <= most + Decimal("0.005")


def raw_lever() -> dict[str, Any]:
    """A lever as the file has it, with its shared words spelt out; nothing is wrong with it."""
    words = {"en": "Equipment", "zh": "设备购置"}
    return {
        "id": "some.lever",
        "area": "production",
        "sectors": ["packaging"],
        "categories": ["stationary.natural_gas"],
        "method": "switch",
        "switch_to": "electricity.grid",
        "saving": {"low": "0.1", "high": "0.4"},
        "lifetime_years": 10,
        "names": {"en": "Some lever", "zh": "某项措施"},
        "hints": {"en": "Do it.", "zh": "照此办理。"},
        "costs": [words],
        "evidence": [words],
        "energy": {"direction": "more", "en": "More electricity", "zh": "用电增加"},
        "source": "A book",
        "source_year": 2020,
        "confidence": "medium",
    }


def read(raw: dict[str, Any]) -> Lever:
    """Read plain data against the sectors and categories that are shipped."""
    return read_lever(raw, sectors=data.load_sectors(), categories=data.load_categories())


def test_a_lever_is_read_with_what_may_be_left_out() -> None:
    lever = read(raw_lever())
    assert (lever.low, lever.high) == (Decimal("0.1"), Decimal("0.4"))
    assert lever.ledger is Ledger.INVENTORY
    assert lever.energy.direction is Direction.MORE
    assert lever.water.direction is Direction.NONE
    assert lever.fits("packaging")
    assert not lever.fits("haulier")
    assert read({**raw_lever(), "sectors": []}).fits("haulier")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("colour", "green", "unknown keys"),
        ("source", REMOVED, "missing"),
        ("sectors", ["bakery"], "unknown sectors"),
        ("categories", ["stationary.peat"], "unknown categories"),
        ("categories", [], "no category"),
        ("switch_to", "stationary.peat", "unknown categories"),
        ("switch_to", "", "comes instead"),
        ("method", "share", "comes instead"),
        ("saving", {"low": "0.4", "high": "0.1"}, "between 0 and 1"),
        ("saving", {"low": "0", "high": "0.1"}, "between 0 and 1"),
        ("saving", {"low": "0.4", "high": "1.1"}, "between 0 and 1"),
        ("area", "office", "office"),
        ("ledger", "offset", "offset"),
        ("confidence", "certain", "certain"),
    ],
)
def test_a_lever_that_is_not_whole_is_refused(key: str, value: object, said: str) -> None:
    raw = copy.deepcopy(raw_lever())
    if value is REMOVED:
        del raw[key]
    else:
        raw[key] = value
    with pytest.raises(ValueError, match=said):
        read(raw)


def test_two_levers_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = copy.deepcopy(catalogue._read("levers.toml"))
    twice["lever"].append(twice["lever"][0])
    monkeypatch.setattr(catalogue, "_read", lambda name: twice)
    with pytest.raises(ValueError, match="one id"):
        data.load_levers.__wrapped__()
