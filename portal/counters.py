"""What the portal counts about itself, for whoever watches it; no label ever holds what a person typed.

Each process counts for itself. Where `portal serve` or `portal worker` has named a folder before this module is
imported (portal/cli/exporting.py), the counts lie in small files there, so that they are added up over all processes
and outlive one that is killed; otherwise they stay in this process's memory and nobody asks for them.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

OWN = (
    CollectorRegistry()
)  # the library's usual one brings figures of a single process, which mean nothing here
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REQUESTS = Histogram(
    "portal_request_seconds",
    "Seconds from a request to its answer, by group of pages and class of status.",
    ("group", "status"),
    buckets=SECONDS,
    registry=OWN,
)
EVENTS = Counter(
    "portal_events",
    "Events of the log, by their name: bug, database.away, account.login_failed, throttle.refused and so on.",
    ("event",),
    registry=OWN,
)
JOBS = Histogram(
    "portal_job_seconds",
    "Seconds of an attempt at a background job, by its kind and what became of it.",
    ("kind", "outcome"),
    buckets=SECONDS,
    registry=OWN,
)
METER_MESSAGES = Counter(
    "portal_meter_messages",
    "Messages with meter readings that came by MQTT, by what became of them: kept, repeated, refused, unknown, failed.",
    ("outcome",),
    registry=OWN,
)
STARTS = Counter(
    "portal_process_starts",
    "Starts of processes: web, worker, exporter, mqtt.",
    ("role",),
    registry=OWN,
)
