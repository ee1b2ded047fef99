"""The groups by which overturning is watched: protected features of the applicant, in a few bands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from credit.features import CATALOG

GENDER: Final = "CODE_GENDER"
AGE: Final = "DAYS_BIRTH"
_BANDS: Final = ((25, "under 25"), (35, "25 to 34"), (45, "35 to 44"), (60, "45 to 59"), (math.inf, "60 and over"))
_DAYS_A_YEAR = 365.25


def groups_of(values: Mapping[str, float]) -> list[str]:
    """Return the groups of one applicant from what is known of it; empty where none of these is."""
    groups = []
    gender = values.get(GENDER)
    if gender is not None and math.isfinite(gender):
        codes = CATALOG[GENDER].codes
        groups.append(f"gender {codes[int(gender)]}" if 0 <= gender < len(codes) else "gender other")
    days = values.get(AGE)
    if days is not None and math.isfinite(days):
        years = abs(days) / _DAYS_A_YEAR
        groups.append("age " + next(word for upper, word in _BANDS if years < upper))
    return groups
