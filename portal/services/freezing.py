"""What a submission freezes: one plain document with every line, its result and its trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.canonical import digest
from portal.domain.submissions import Kind
from portal.services import assessments, inventories, metered_lines, warnings
from portal.services.work import Work
from portal.store.alliance import Alliance, ReportingYear
from portal.store.evidence import Evidence
from portal.store.inventories import Inventory, NotApplicable, Output
from portal.store.lines import ActivityLine, LineEvidence
from portal.store.members import Member, Site

SCHEMA = 1
_GRADE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Frozen:
    """The content, and the columns of a submission that repeat parts of it."""

    content: dict[str, Any]
    columns: dict[str, Any]
    member_code: str


def freeze(work: Work, inventory: Inventory, kind: Kind) -> Frozen:
    """Everything of an inventory that a reviewer judges and a certificate states; no personal data."""
    session = work.session
    member = session.get_one(Member, inventory.member_id)
    alliance = session.get_one(Alliance, member.alliance_id)
    reporting = inventories.reporting_year(session, alliance.id, inventory.year)
    lines = complete_lines(session, inventory.id)
    files = _evidence_of(session, [line.id for line in lines])
    noticed = _warnings(work, inventory)
    frozen_lines = _lines(session, inventory, reporting, lines, files)
    totals = totals_of(frozen_lines)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": kind.value,
        "alliance": alliance.code,
        "year": inventory.year,
        "member": member_facts(member),
        "method": {
            "edition": reporting.edition,
            "gwp_set": reporting.gwp_set,
            "options": dict(reporting.options),
        },
        "sites": site_facts(session, member.id),
        "lines": frozen_lines,
        "outputs": _outputs(session, inventory.id),
        "not_applicable": _not_applicable(session, inventory.id),
        "warnings": noticed,
        "note": inventory.note,
        "evidence": files_of(files.values()),
        "totals": totals,
    }
    return Frozen(content, columns_of(content), member.code)


def columns_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a submission that repeat parts of an inventory's content, frozen just now or read back."""
    totals, method = content["totals"], content["method"]
    return {
        f"kg_{name}": Decimal(totals[name])
        for name in ("scope1", "scope2_location", "scope2_market", "scope3", "biogenic")
    } | {
        "line_count": len(content["lines"]),
        "evidenced_count": sum(1 for line in content["lines"] if line["evidence"]),
        "warning_count": len(content["warnings"]),
        "quality": Decimal(totals["quality"]),
        "edition": method["edition"],
        "gwp_set": method["gwp_set"],
    }


def mark_of(session: Session, inventory: Inventory, member: Member) -> str:
    """A mark of what would be frozen now and under which name it would be signed: another one after any change of it."""
    return digest(
        {
            "inventory": str(inventory.uid),
            "version": inventory.version,
            "member": member_facts(member),
            "sites": site_facts(session, member.id),
            "signatory": [member.signatory_name, member.signatory_post],
        }
    )


def totals_of(lines: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Sums of frozen lines in kg CO2e by scope, biogenic CO2 apart, and the quality grade weighted by emissions."""
    sums = dict.fromkeys(
        ("scope1", "scope2_location", "scope2_market", "scope3", "biogenic"), Decimal(0)
    )
    weighted = weight = Decimal(0)
    for line in lines:
        if line["scope"] == 2:
            sums["scope2_location"] += line["kg_co2e"]
            sums["scope2_market"] += line["kg_co2e_market"]
        else:
            sums[f"scope{line['scope']}"] += line["kg_co2e"]
        sums["biogenic"] += line["kg_co2_biogenic"]
        weighted += line["kg_co2e"] * line["quality"]
        weight += line["kg_co2e"]
    grade = weighted / weight if weight else Decimal(0)
    return sums | {"quality": grade.quantize(_GRADE, rounding=ROUND_HALF_EVEN)}


def member_code(session: Session, member_id: int) -> str:
    """The code that the ledger names a member by."""
    return session.get_one(Member, member_id).code


def complete_lines(session: Session, inventory_id: int) -> list[ActivityLine]:
    """The lines that count, in the order of the table."""
    query = (
        select(ActivityLine)
        .where(ActivityLine.inventory_id == inventory_id, ActivityLine.is_complete.is_(True))
        .order_by(ActivityLine.position, ActivityLine.id)
    )
    return list(session.scalars(query))


def _lines(
    session: Session,
    inventory: Inventory,
    reporting: ReportingYear,
    lines: list[ActivityLine],
    files: dict[int, list[Evidence]],
) -> list[dict[str, Any]]:
    sites = {
        site.id: site
        for site in session.scalars(select(Site).where(Site.member_id == inventory.member_id))
    }
    sector = session.get_one(Member, inventory.member_id).sector
    context = assessments.context_of(reporting, sector)
    workings = metered_lines.workings_of(session, lines)
    frozen = []
    for line in lines:
        site = sites[line.site_id or 0]
        frozen.append(
            {
                "key": str(line.key),
                "position": line.position,
                "category": line.category,
                "scope": line.scope,
                "site": site.code,
                "quantity": line.quantity,
                "unit": line.unit,
                "start": line.start_on,
                "end": line.end_on,
                "parameters": dict(line.parameters or {}),
                "note": line.note,
                "raw": dict(line.raw),
                "kg_co2e": line.kg_co2e,
                "kg_co2e_market": line.kg_co2e_market,
                "kg_co2_biogenic": line.kg_co2_biogenic,
                "quality": line.quality,
                "assessment": assessments.reassess(
                    line, site, context, year=inventory.year, has_evidence=line.id in files
                ).to_json(),
                "evidence": sorted(file.sha256 for file in files.get(line.id, ())),
                # Only a line that was made of a meter's readings has it.
                **({"meter": dict(workings[line.id])} if line.id in workings else {}),
            }
        )
    return frozen


def _evidence_of(session: Session, line_ids: list[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = {}
    query = (
        select(LineEvidence.line_id, Evidence)
        .join(Evidence, Evidence.id == LineEvidence.evidence_id)
        .where(LineEvidence.line_id.in_(line_ids))
        .order_by(Evidence.id)
    )
    for line_id, file in session.execute(query):
        found.setdefault(line_id, []).append(file)
    return found


def files_of(linked: Iterable[Iterable[Evidence]]) -> list[dict[str, Any]]:
    """Each file of several lists once, in the order of their digests."""
    unique = {file.sha256: file for files in linked for file in files}
    return [
        {
            "sha256": file.sha256,
            "name": file.name,
            "size": file.size,
            "media_type": file.media_type,
            "flags": list(file.flags),
        }
        for file in sorted(unique.values(), key=lambda file: file.sha256)
    ]


def member_facts(member: Member) -> dict[str, Any]:
    """What a member is called and how its boundary is drawn."""
    return {
        "code": member.code,
        "name_zh": member.name_zh,
        "name_en": member.name_en,
        "credit_code": member.credit_code,
        "sector": member.sector,
        "boundary": member.boundary,
        "base_year": member.base_year,
    }


def site_facts(session: Session, member_id: int) -> list[dict[str, Any]]:
    """A member's sites in the order of their codes."""
    query = select(Site).where(Site.member_id == member_id).order_by(Site.code)
    return [
        {
            "code": site.code,
            "name_zh": site.name_zh,
            "name_en": site.name_en,
            "kind": site.kind,
            "country": site.country,
            "province": site.province,
        }
        for site in session.scalars(query)
    ]


def _outputs(session: Session, inventory_id: int) -> list[dict[str, Any]]:
    query = select(Output).where(Output.inventory_id == inventory_id).order_by(Output.id)
    return [
        {"product": output.product, "quantity": output.quantity, "unit": output.unit}
        for output in session.scalars(query)
    ]


def _not_applicable(session: Session, inventory_id: int) -> list[dict[str, Any]]:
    query = (
        select(NotApplicable)
        .where(NotApplicable.inventory_id == inventory_id)
        .order_by(NotApplicable.category)
    )
    return [{"category": row.category, "reason": row.reason} for row in session.scalars(query)]


def _warnings(work: Work, inventory: Inventory) -> list[dict[str, Any]]:
    return [
        {
            "code": noticed.warning.code,
            "subject": noticed.warning.subject,
            "weight": int(noticed.warning.weight),
            "values": dict(noticed.warning.values),
            "lines": list(noticed.warning.lines),
            "reason": noticed.reason,
        }
        for noticed in warnings.noticed(work, inventory)
    ]
