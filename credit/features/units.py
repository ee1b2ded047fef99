"""In what each column of the application is counted, for forms and charts; no model depends on it."""

from __future__ import annotations

from typing import Literal

from credit.schema import Column

ColumnKind = Literal["number", "integer", "category"]
ColumnUnit = Literal["currency", "days", "years", "hour", "count", "yes_no", "grade"]

# The first that a column's name begins with; a column of none of them is normalised and has no unit.
_UNITS: tuple[tuple[str, ColumnUnit], ...] = (
    ("AMT_REQ_CREDIT_BUREAU_", "count"),
    ("AMT_", "currency"),
    ("DAYS_", "days"),
    ("OWN_CAR_AGE", "years"),
    ("HOUR_APPR_PROCESS_START", "hour"),
    ("CNT_", "count"),
    ("OBS_", "count"),
    ("DEF_", "count"),
    ("FLAG_", "yes_no"),
    ("REG_", "yes_no"),
    ("LIVE_", "yes_no"),
    ("REGION_RATING_", "grade"),
)


def kind_of(column: Column) -> ColumnKind:
    """Return whether a column holds a category, whole numbers or any; everything with a unit but money is whole."""
    if column.is_category:
        return "category"
    return "integer" if unit_of(column) not in (None, "currency") else "number"


def unit_of(column: Column) -> ColumnUnit | None:
    """Return what a column's numbers count, None where they have no unit or are none.

    days: before the application, so negative; yes_no: 1 or 0; grade: 1 is best.
    """
    if column.is_category:
        return None
    return next((unit for start, unit in _UNITS if column.name.startswith(start)), None)
