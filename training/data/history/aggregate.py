"""Run the compiled aggregates and put them into one float32 vector a client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from credit.application import IntArray
from credit.errors import TableError
from credit.features import CATALOG, HISTORY_FEATURES
from training.data.connection import first_line
from training.data.history.sql import relation_sql, relations
from training.progress import StepProgress, no_progress

if TYPE_CHECKING:
    import duckdb

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class History:
    """History vectors: client_ids int64[m] ascending; vectors float32[m, len(CATALOG.history_names)]."""

    client_ids: IntArray
    vectors: Float32Array

    def of(self, client_ids: IntArray) -> Float32Array:
        """Return float32[n, history features] of these clients, NaN for one without history."""
        return self.find(client_ids)[0]

    def find(self, client_ids: IntArray) -> tuple[Float32Array, npt.NDArray[np.bool_]]:
        """Return what `of` does, and bool[n]: whether anything is known of each."""
        found = np.full((len(client_ids), self.vectors.shape[1]), np.nan, dtype=np.float32)
        known = np.zeros(len(client_ids), dtype=np.bool_)
        if len(self.client_ids):
            at = np.minimum(np.searchsorted(self.client_ids, client_ids), len(self.client_ids) - 1)
            known = self.client_ids[at] == client_ids
            found[known] = self.vectors[at[known]]
        return found, known


def aggregate(
    connection: duckdb.DuckDBPyConnection, client_ids: IntArray, progress: StepProgress = no_progress
) -> History:
    """Aggregate the history of the given clients from the connection's views, relation by relation.

    client_ids: int64[m] ascending and unique. Rows of other clients are read over. Memory: the result's m x features
    floats and one relation's groups; DuckDB spills beyond its limit. Raises TableError where a cell cannot be read.
    """
    import duckdb

    index = {name: i for i, name in enumerate(CATALOG.history_names)}
    vectors = np.full((len(client_ids), len(index)), np.nan, dtype=np.float32)
    seen = np.zeros(len(client_ids), dtype=bool)
    grouped = relations(HISTORY_FEATURES)
    connection.register("wanted_clients", _as_table(client_ids))
    try:
        for done, (relation, features) in enumerate(grouped.items()):
            progress(relation.text, done / len(grouped))
            sql = relation_sql(relation, features, "SK_ID_CURR IN (SELECT SK_ID_CURR FROM wanted_clients)")
            try:
                reader: Any = connection.sql(sql).to_arrow_reader(100_000)
                for batch in reader:
                    at = np.searchsorted(client_ids, batch.column(0).to_numpy())
                    seen[at] = True
                    for name, column in zip(batch.schema.names[1:], batch.columns[1:], strict=True):
                        vectors[at, index[name]] = column.to_numpy(zero_copy_only=False)
            except duckdb.Error as error:
                tables = ", ".join(relation.tables)
                raise TableError(f"{tables} cannot be aggregated: {first_line(error)}") from None
        progress("history", 1.0)
    finally:
        connection.unregister("wanted_clients")
    vectors[~np.isfinite(vectors)] = np.nan
    return History(client_ids[seen], vectors[seen])


def _as_table(client_ids: IntArray) -> Any:
    import pyarrow as pa

    return pa.table({"SK_ID_CURR": client_ids})
