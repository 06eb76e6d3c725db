"""Shipped data: the factor library by edition, the categories, the sectors, the places, and the documents' fonts.
The loader reads and caches the files and hands out pure values of calculation; it may import domain, calculation and the standard library.
Come with new factors? Publish a new edition in factors/ with its manifest; an edition that was shipped is never changed.
"""

from portal.data.catalogue import (
    load_bundle_readme,
    load_categories,
    load_levers,
    load_places,
    load_programme,
    load_provinces,
    load_sectors,
)
from portal.data.library import editions, load_edition

__all__ = [
    "editions",
    "load_bundle_readme",
    "load_categories",
    "load_edition",
    "load_levers",
    "load_places",
    "load_programme",
    "load_provinces",
    "load_sectors",
]
