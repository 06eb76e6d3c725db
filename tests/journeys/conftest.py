"""What the journeys share."""

from tests.journeys.chromium import browser

__all__ = ["browser"]
