"""Loan applications in the form that everything between the doors works on: arrays for n applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.schema import APPLICATION_COLUMNS, UNKNOWN_CATEGORY, Column

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ApplicationBatch:
    """n applications, n = 1 included, in the order in which they came.

    application_ids: n ids, unique in the bank; client_ids: int64[n], SK_ID_CURR; submitted_ms: int64[n], milliseconds
    since the epoch, UTC; values: float64[n, len(APPLICATION_COLUMNS)], encoded as `credit.schema` says.
    """

    application_ids: list[str]
    client_ids: IntArray
    submitted_ms: IntArray
    values: FloatArray

    def __len__(self) -> int:
        return len(self.application_ids)

    def take(self, rows: Sequence[int] | IntArray) -> ApplicationBatch:
        """Return the applications at `rows`, in that order."""
        index = np.asarray(rows, dtype=np.int64)
        return ApplicationBatch(
            [self.application_ids[i] for i in index],
            self.client_ids[index],
            self.submitted_ms[index],
            self.values[index],
        )

    @staticmethod
    def concatenate(batches: Sequence[ApplicationBatch]) -> ApplicationBatch:
        """Join batches into one, in order; needs at least one."""
        if len(batches) == 1:
            return batches[0]
        return ApplicationBatch(
            [i for batch in batches for i in batch.application_ids],
            np.concatenate([batch.client_ids for batch in batches]),
            np.concatenate([batch.submitted_ms for batch in batches]),
            np.concatenate([batch.values for batch in batches]),
        )


_CODE_OF: dict[str, dict[Any, float]] = {
    column.name: {None: np.nan, **{code: float(i) for i, code in enumerate(column.codes)}}
    for column in APPLICATION_COLUMNS
    if column.is_category
}


_NUMBERS = [i for i, column in enumerate(APPLICATION_COLUMNS) if not column.is_category]
_CATEGORIES = [i for i, column in enumerate(APPLICATION_COLUMNS) if column.is_category]
CELL_ORDER: tuple[str, ...] = tuple(APPLICATION_COLUMNS[i].name for i in _NUMBERS + _CATEGORIES)


def encode_column(column: Column, cells: Sequence[Any]) -> FloatArray:
    """Encode one column's cells (numbers, texts or None) as float64[n]; an unknown category becomes -1."""
    if not column.is_category:
        return np.array(cells, dtype=np.float64)
    code_of = _CODE_OF[column.name]
    return np.array([code_of.get(cell, UNKNOWN_CATEGORY) for cell in cells], dtype=np.float64)


def encode_rows(rows: Sequence[Mapping[str, Any]]) -> FloatArray:
    """Encode applications given as mappings from column to cell as float64[n, columns]; an absent key is missing."""
    return encode_cells([[row.get(name) for name in CELL_ORDER] for row in rows])


def encode_cells(cells: Sequence[Sequence[Any]]) -> FloatArray:
    """Encode applications given as cells in `CELL_ORDER` as float64[n, columns]; None is missing."""
    values = np.empty((len(cells), len(APPLICATION_COLUMNS)), dtype=np.float64)
    if not cells:
        return values
    # One conversion for all numbers: asking row by row and column by column costs four times as much.
    values[:, _NUMBERS] = np.array([row[: len(_NUMBERS)] for row in cells], dtype=np.float64)
    for place, i in enumerate(_CATEGORIES, start=len(_NUMBERS)):
        values[:, i] = encode_column(APPLICATION_COLUMNS[i], [row[place] for row in cells])
    return values
