"""Marks texts of the pure floors for translation; the doors translate them."""

from portal.calculation.words import N_

__all__ = ["N_"]
