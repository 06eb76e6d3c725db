"""Every table in one import, for migrations and tests."""

from portal.store import (
    accounts,
    alliance,
    certificates,
    evidence,
    inventories,
    invitations,
    jobs,
    ledger,
    lines,
    members,
    messages,
    password_resets,
    schedules,
    sessions,
    submissions,
    summaries,
    throttle,
)
from portal.store.base import Base

NOUNS = (
    accounts,
    alliance,
    certificates,
    evidence,
    inventories,
    invitations,
    jobs,
    ledger,
    lines,
    members,
    messages,
    password_resets,
    schedules,
    sessions,
    submissions,
    summaries,
    throttle,
)
metadata = Base.metadata
