"""Put what is known of every client into the online store: one packed history vector and the latest application."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from credit.errors import TableError
from credit.features import CATALOG
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID
from feature_store.layout import ClientValue, StoreMeta, client_key, pack
from feature_store.store import FeatureWriter
from training.data.applications import read_columns
from training.data.connection import spilling
from training.data.history import History, aggregate
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN
from training.data.tables import create_views, find_tables
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_BATCH = 5_000
_COLUMNS = (CLIENT_ID, *(column.name for column in APPLICATION_COLUMNS))


@dataclass(frozen=True)
class Materialized:
    """The version that is now read. unchanged: it was there already; resumed_from: the last client of a broken run."""

    version: str
    meta: StoreMeta
    unchanged: bool
    resumed_from: int


def materialize(
    data: Path,
    store: FeatureWriter,
    *,
    settings: TrainingSettings | None = None,
    progress: StepProgress = no_progress,
) -> Materialized:
    """Fill `store` with all clients of application_train and application_test found in `data`.

    Running it again on the same tables changes nothing; a run that was broken off is taken up where it stood; readers
    see the old version until the new one is complete. Raises TableError where neither application table is there.
    """
    settings = settings or TrainingSettings()
    tables = find_tables(data, need=())
    present = [table for table in (APPLICATION_TRAIN, APPLICATION_TEST) if tables.has(table)]
    if not present:
        raise TableError(f"{data} has neither {APPLICATION_TRAIN} nor {APPLICATION_TEST}: put one of them there")
    with spilling(settings) as connection:
        create_views(connection, tables)
        progress("reading applications", 0.0)
        rows = read_columns(connection, present, _COLUMNS)
        ids = rows.column(CLIENT_ID).to_numpy()
        if len(np.unique(ids)) != len(ids):
            raise TableError(f"{data}: a client occurs more than once in the applications: keep one row for each")
        history = aggregate(connection, ids, progress)
    source = _source(rows, history)
    before = store.current()
    if before is not None and before[1].source == source:
        return Materialized(before[0], before[1], True, 0)
    filled_to = store.begin(source, CATALOG.history_hash)
    state = hashlib.sha256()
    for start in range(0, len(ids), _BATCH):
        progress("materializing", start / len(ids))
        last = int(ids[min(start + _BATCH, len(ids)) - 1])
        vectors = _vectors(history, int(ids[start]), last)
        documents = list(_documents(rows.slice(start, _BATCH)))
        for client_id, value in (*vectors, *documents):
            state.update(client_key(client_id) + value)
        if last > filled_to:
            store.put(vectors, documents, last)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    meta = StoreMeta(CATALOG.history_hash, len(history.client_ids), len(ids), state.hexdigest(), created, source)
    version = store.finish(meta)
    progress("materializing", 1.0)
    return Materialized(version, meta, False, filled_to)


def _vectors(history: History, first: int, last: int) -> list[ClientValue]:
    inside = slice(*np.searchsorted(history.client_ids, [first, last + 1]))
    return list(zip(history.client_ids[inside].tolist(), pack(history.vectors[inside]), strict=True))


def _documents(rows: Any) -> Iterator[ClientValue]:
    """Yield each application as JSON, without what is missing; whole numbers are written as such."""
    import orjson

    for row in rows.to_pylist():
        document = {
            name: int(cell) if isinstance(cell, float) and cell.is_integer() else cell
            for name, cell in row.items()
            if cell is not None and cell == cell  # noqa: PLR0124 - NaN is not itself
        }
        yield row[CLIENT_ID], orjson.dumps(document)


def _source(rows: Any, history: History) -> str:
    """Return the digest of everything that goes into the store."""
    import pyarrow as pa

    state = hashlib.sha256(CATALOG.history_hash.encode())
    state.update(np.ascontiguousarray(history.client_ids).data)
    state.update(np.ascontiguousarray(history.vectors).data)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows.combine_chunks())
    state.update(sink.getvalue())
    return state.hexdigest()
