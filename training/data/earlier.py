"""Earlier cash loans with their terms and interest: what the price of an application's credit is learned from."""

# ruff: noqa: S608 - statements are put together from this package's own column names and expressions
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from credit.application import FloatArray
from credit.features import CATALOG, assemble
from credit.features.derived import EARLIER_INPUTS, EARLIER_ROWS, EARLIER_TARGETS
from credit.schema import CLIENT_ID, COLUMN_INDEX
from training.data.connection import reading
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN
from training.data.tables import Tables

if TYPE_CHECKING:
    import duckdb

_TABLE = "previous_application"
_AMOUNTS = ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE")
_CLIENTS = f"SELECT {CLIENT_ID} FROM {APPLICATION_TRAIN} UNION ALL SELECT {CLIENT_ID} FROM {APPLICATION_TEST}"
_MOST = 100_000  # beyond this the prices are known as well, and the time grows
_BLOCK = 8_192


@dataclass(frozen=True)
class EarlierCredits:
    """Earlier cash loans: inputs float64[m, EARLIER_INPUTS]; targets float64[m, EARLIER_TARGETS]; m may be 0."""

    inputs: FloatArray
    targets: FloatArray

    @staticmethod
    def none() -> EarlierCredits:
        """Return what is known where there are no earlier credits."""
        return EarlierCredits(np.empty((0, len(EARLIER_INPUTS))), np.empty((0, len(EARLIER_TARGETS))))


def read_earlier_credits(connection: duckdb.DuckDBPyConnection, tables: Tables) -> EarlierCredits:
    """Read at most 100,000 earlier cash loans of the applications' clients, the same ones each time.

    Their inputs are computed by the catalog's own expressions, as an application's are. Raises TableError for a cell
    that cannot be read.
    """
    if not tables.has(_TABLE):
        return EarlierCredits.none()
    targets = ", ".join(f"({sql})::DOUBLE AS {name}" for name, sql in EARLIER_TARGETS.items())
    with reading(tables.files[_TABLE]):
        rows: Any = connection.sql(
            f"SELECT {', '.join(_AMOUNTS)}, {targets} FROM {_TABLE} "
            f"WHERE {EARLIER_ROWS} AND {CLIENT_ID} IN ({_CLIENTS}) "
            f"ORDER BY (SK_ID_PREV * 2654435761::HUGEINT) % 4294967296, SK_ID_PREV, {', '.join(_AMOUNTS)} LIMIT {_MOST}"
        ).to_arrow_table()
    amounts = np.column_stack([_numbers(rows, name) for name in _AMOUNTS])
    at = [CATALOG.index[name] for name in EARLIER_INPUTS]
    inputs = np.empty((len(amounts), len(at)))
    for start in range(0, len(amounts), _BLOCK):
        block = amounts[start : start + _BLOCK]
        values = np.full((len(block), len(COLUMN_INDEX)), np.nan)
        values[:, [COLUMN_INDEX[name] for name in _AMOUNTS]] = block
        unknown = np.full((len(block), len(CATALOG.history_names)), np.nan, dtype=np.float32)
        inputs[start : start + _BLOCK] = assemble(values, unknown)[:, at]
    return EarlierCredits(inputs, np.column_stack([_numbers(rows, name) for name in EARLIER_TARGETS]))


def _numbers(rows: Any, name: str) -> FloatArray:
    return np.asarray(rows.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)
