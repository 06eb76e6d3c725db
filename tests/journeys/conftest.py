"""What the journeys share."""

from tests.journeys.chromium import chromium

__all__ = ["chromium"]
