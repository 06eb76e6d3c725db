"""Every table in one import, for migrations and tests."""

from portal.store import (
    accounts,
    alliance,
    certificates,
    evidence,
    inventories,
    jobs,
    ledger,
    lines,
    members,
    messages,
    schedules,
    submissions,
    summaries,
)
from portal.store.base import Base

NOUNS = (
    accounts,
    alliance,
    certificates,
    evidence,
    inventories,
    jobs,
    ledger,
    lines,
    members,
    messages,
    schedules,
    submissions,
    summaries,
)
metadata = Base.metadata
