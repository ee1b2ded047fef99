"""Drift between two tables of any columns, on bins of the first: what reports show and the command line prints."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from credit.errors import TableError
from monitoring.drift.bins import build_bins
from monitoring.drift.feature_drift import DRIFTED_FROM, MIN_ROWS, feature_drift

if TYPE_CHECKING:
    import pandas as pd

# Identifiers and the label are not features: an id always drifts, and a test table has no label.
NOT_FEATURES = frozenset({"SK_ID_CURR", "SK_ID_PREV", "SK_ID_BUREAU", "TARGET"})


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """Drift of one column; None where there is nothing to compare.

    kind: number or category; psi, js, missing, missing_shift, out_of_range, unknown as in `FeatureDrift`; note: why a
    column cannot be compared, empty where it can.
    """

    column: str
    kind: str
    psi: float | None
    js: float | None
    missing: float | None
    missing_shift: float | None
    out_of_range: float | None
    unknown: float | None
    note: str = ""

    @property
    def drifted(self) -> bool:
        return self.psi is not None and self.psi >= DRIFTED_FROM


@dataclass(frozen=True)
class DriftTable:
    """Drift of every common column, most drifted first; the rows compared; the columns that only one table has."""

    columns: list[ColumnDrift]
    reference_rows: int
    current_rows: int
    only_reference: list[str]
    only_current: list[str]

    @property
    def drifted(self) -> list[ColumnDrift]:
        return [column for column in self.columns if column.drifted]

    @property
    def enough_rows(self) -> bool:
        return min(self.reference_rows, self.current_rows) >= MIN_ROWS

    def to_json(self) -> str:
        """Return the table as JSON."""
        document = asdict(self) | {"drifted": len(self.drifted), "drifted_from_psi": DRIFTED_FROM}
        return json.dumps(document, indent=1, allow_nan=False)


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV or parquet file; TableError where it is missing, unreadable or of another kind."""
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if path.suffix in {".csv", ".gz"}:
            return pd.read_csv(path, low_memory=False)
        if path.suffix == ".arrow":
            return pd.read_feather(path)
    except FileNotFoundError:
        raise TableError(f"{path} does not exist; name a CSV or parquet file") from None
    except Exception as error:  # noqa: BLE001 - each reader raises errors of its own
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise TableError(f"{path} cannot be read ({first}); mend the file") from None
    raise TableError(f"{path} is neither .csv nor .parquet; name such a file")


def drift_table(reference: pd.DataFrame, current: pd.DataFrame) -> DriftTable:
    """Compare the columns that both tables have; a column is a category where the reference holds text."""
    common = [c for c in reference.columns if c in current.columns and c not in NOT_FEATURES]
    left = [str(c) for c in reference.columns if c not in current.columns and c not in NOT_FEATURES]
    right = [str(c) for c in current.columns if c not in reference.columns and c not in NOT_FEATURES]
    columns = [_column(str(name), reference[name], current[name]) for name in common]
    columns.sort(key=lambda c: (-(c.psi or 0.0), -abs(c.missing_shift or 0.0), c.column))
    return DriftTable(columns, len(reference), len(current), left, right)


def _column(name: str, then: pd.Series, now: pd.Series) -> ColumnDrift:
    import pandas as pd

    number = pd.api.types.is_numeric_dtype(then) or then.notna().sum() == 0
    if number:
        old, new = _numbers(then), _numbers(now)
        categories: dict[str, int] = {}
    else:
        codes = {value: float(i) for i, value in enumerate(sorted(then.dropna().astype(str).unique()))}
        old, new = _codes(then, codes), _codes(now, codes)
        categories = {name: len(codes)}
    bins = build_bins((name,), old[:, None], categories)
    drift = feature_drift(bins.count(old[:, None]), bins.count(new[:, None]))
    note = ""
    if not np.isfinite(old).any():
        note = "all missing in the reference"
    elif not np.isfinite(new).any():
        note = "all missing now" if len(new) else "no rows now"
    return ColumnDrift(
        name,
        "number" if number else "category",
        _known(drift.psi[0]),
        _known(drift.js[0]),
        _known(drift.missing[0]),
        _known(drift.missing_shift[0]),
        _known(drift.out_of_range[0]) if number else None,
        None if number else _known(drift.unknown[0]),
        note,
    )


def _numbers(column: pd.Series) -> np.ndarray:
    import pandas as pd

    return np.asarray(pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))


def _codes(column: pd.Series, codes: dict[str, float]) -> np.ndarray:
    encoded = column.dropna().astype(str).map(codes).fillna(-1.0).reindex(column.index)
    return np.asarray(encoded.to_numpy(dtype=np.float64, na_value=np.nan))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
