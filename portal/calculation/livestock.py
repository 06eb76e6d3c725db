"""Enteric methane of cattle: Tier 1 heads, Tier 2 energy, dry-matter paths (section 4, M4.1 to M4.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.calculation.problems import refuse

DAYS = Decimal(365)
METHANE_MJ_KG = Decimal("55.65")
DRY_MATTER_MJ_KG = Decimal("18.45")
NITROGEN_PER_PROTEIN = Decimal("6.25")
_PERCENT = Decimal(100)
_KG_PER_T = Decimal(1000)
_METABOLIC = Decimal("0.75")


@dataclass(frozen=True, slots=True)
class Herd:
    """Animals of one class: heads present for some days, kg CH4 per head and year, and what an additive saves."""

    heads: Decimal
    ef: Decimal
    days: Decimal = DAYS
    additive_reduction: Decimal = Decimal(0)
    additive_share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class GrazingGroup:
    """Animals of one class in one season: heads, live weight and gain (kg, kg/day), digestibility (%), milk (L/day)."""

    heads: Decimal
    lw: Decimal
    lwg: Decimal
    dmd: Decimal
    milking: bool
    milk: Decimal = Decimal(0)


def enteric_head(*, herd: Iterable[Herd], gwp_ch4: Decimal) -> dict[str, Decimal]:
    """Tier 1: Σ heads × days/365 × EF × (1 − reduction × share of animals and days)."""
    ch4 = sum((_of(group) for group in herd), Decimal(0))
    return {"ch4_kg": ch4, "co2e_t": ch4 * gwp_ch4 / _KG_PER_T}


def _of(group: Herd) -> Decimal:
    kept = 1 - group.additive_reduction * group.additive_share
    return group.heads * group.ef * group.days / DAYS * kept


def enteric_my(
    *, heads: Decimal, dmi: Decimal, my_g: Decimal, gwp_ch4: Decimal, days: Decimal = DAYS
) -> dict[str, Decimal]:
    """Dry-matter intake (kg/day) times methane yield (g/kg), IPCC 2019 Eq. 10.21A."""
    ch4 = heads * dmi * my_g / 1000 * days
    return {"ch4_kg": ch4, "co2e_t": ch4 * gwp_ch4 / _KG_PER_T}


def gbt_enteric_ge(*, dmi: Decimal, ym: Decimal, heads: Decimal) -> dict[str, Decimal]:
    """GB/T 32151.22 (7)(8): gross energy = DMI × 18.45, then the share `ym` (%) of it becomes methane."""
    ef = dmi * DRY_MATTER_MJ_KG * ym / _PERCENT * DAYS / METHANE_MJ_KG
    return {"ef_ch4": ef, "ch4_t": ef * heads / _KG_PER_T}


def t2_energy(
    *,
    bw: Decimal,
    cfi: Decimal,
    de: Decimal,
    ca: Decimal = Decimal(0),
    milk: Decimal = Decimal(0),
    fat: Decimal = Decimal(4),
    pregnant: Decimal = Decimal(0),
    work_h: Decimal = Decimal(0),
    wg: Decimal | None = None,
    c: Decimal | None = None,
    mw: Decimal | None = None,
    ym: Decimal | None = None,
    ue: Decimal = Decimal("0.04"),
    ash: Decimal = Decimal("0.08"),
    cp: Decimal | None = None,
    nret: Decimal | None = None,
) -> dict[str, Decimal]:
    """Tier 2 energy need (MJ/day), methane (kg/head/yr), volatile solids and nitrogen (kg/day): IPCC Eq. 10.3 to 10.32.

    Weights in kg, `milk` in kg/day, `fat`, `de`, `ym`, `cp` in percent, `pregnant`, `ue`, `ash`, `nret` as fractions.
    """
    nem = cfi * bw**_METABOLIC
    nea = ca * nem
    nel = milk * (Decimal("1.47") + Decimal("0.40") * fat)
    nework = nem * work_h / 10
    nep = nem * pregnant / 10
    neg = _growth(bw, wg, c, mw)
    rem = (
        Decimal("1.123")
        - Decimal("4.092e-3") * de
        + Decimal("1.126e-5") * de**2
        - Decimal("25.4") / de
    )
    reg = (
        Decimal("1.164")
        - Decimal("5.160e-3") * de
        + Decimal("1.308e-5") * de**2
        - Decimal("37.4") / de
    )
    if rem <= 0 or (neg > 0 and reg <= 0):
        raise refuse("case.input.too_low", "de", input="de", given=de)
    growth = neg / reg if neg else Decimal(0)
    ge = ((nem + nea + nel + nework + nep) / rem + growth) / (de / _PERCENT)
    vs = (ge * (1 - de / _PERCENT) + ue * ge) * (1 - ash) / DRY_MATTER_MJ_KG
    outputs = {
        "ge": ge,
        "nem": nem,
        "nea": nea,
        "neg": neg,
        "nel": nel,
        "nework": nework,
        "nep": nep,
        "rem": rem,
        "reg": reg,
        "vs_day": vs,
        "vs_per_1000kg": vs / bw * 1000,
        "dmi": ge / DRY_MATTER_MJ_KG,
    }
    if ym is not None:
        outputs["ef_ch4"] = ge * ym / _PERCENT * DAYS / METHANE_MJ_KG
    return outputs | _nitrogen(ge, cp, nret)


def _growth(bw: Decimal, wg: Decimal | None, c: Decimal | None, mw: Decimal | None) -> Decimal:
    if wg == 0 or (wg is None and c is None and mw is None):
        return Decimal(0)
    if wg is None or c is None or mw is None:
        raise refuse("case.input.together", "wg", inputs="wg, c, mw")
    return Decimal("22.02") * (bw / (c * mw)) ** _METABOLIC * wg ** Decimal("1.097")


def _nitrogen(ge: Decimal, cp: Decimal | None, nret: Decimal | None) -> dict[str, Decimal]:
    if cp is None and nret is None:
        return {}
    if cp is None or nret is None:
        raise refuse("case.input.together", "cp", inputs="cp, nret")
    intake = ge / DRY_MATTER_MJ_KG * cp / _PERCENT / NITROGEN_PER_PROTEIN
    return {"n_intake": intake, "nex_day": intake * (1 - nret)}


def nex_from_ef(
    *, ef_ch4: Decimal, ym: Decimal, cp: Decimal, nret: Decimal, bw: Decimal
) -> dict[str, Decimal]:
    """Nitrogen excreted (kg per 1000 kg of animal and day) from a published methane factor (IPCC 2019 Eq. 10.31-32)."""
    ge = ef_ch4 * METHANE_MJ_KG / (ym / _PERCENT * DAYS)
    nitrogen = _nitrogen(ge, cp, nret)
    return {
        "ge": ge,
        "n_intake": nitrogen["n_intake"],
        "n_rate": nitrogen["nex_day"] / bw * 1000,
    }


def au_dmi_enteric(*, groups: Iterable[GrazingGroup], gwp_ch4: Decimal) -> dict[str, Decimal]:
    """Australian inventory method: dry-matter intake of each class and season times 20.7 g CH4 per kg."""
    seasons = [group.heads * _intake(group) for group in groups]
    ch4_t = sum(seasons, Decimal(0)) * Decimal("20.7") / 1000 * Decimal("91.25") / 1000
    return {"ch4_t": ch4_t, "co2e_t": ch4_t * gwp_ch4}


def _intake(group: GrazingGroup) -> Decimal:
    body = (
        Decimal("1.185")
        + Decimal("0.00454") * group.lw
        - Decimal("0.0000026") * group.lw**2
        + Decimal("0.315") * group.lwg
    ) ** 2
    body *= Decimal("1.1") if group.milking else 1
    metabolisable = Decimal("0.00795") * group.dmd - Decimal("0.0014")
    milk = group.milk * Decimal("1.03") * Decimal("3.054") / Decimal("0.6") / metabolisable
    return body + milk / Decimal("18.4")
