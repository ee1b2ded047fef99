"""The history of all clients on disk, aggregated once for all parts and read from there page by page."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import numpy as np

from credit.application import IntArray
from credit.features import CATALOG
from training.data.connection import spilling
from training.data.history import History, aggregate
from training.data.tables import Tables, create_views
from training.progress import StepProgress
from training.settings import TrainingSettings

# So many clients' vectors are in memory at once, 200 MB; each such chunk reads the tables once.
CHUNK_CLIENTS = 100_000
_CLIENTS, _VECTORS = "clients.i64", "vectors.f32"


def keep_history(
    into: Path, tables: Tables, client_ids: IntArray, settings: TrainingSettings, progress: StepProgress
) -> None:
    """Aggregate the history of these clients, int64[n] ascending, into a folder, unless it is there already.

    Sums are exact (`training.data.history.sql`), so the vectors depend neither on chunks nor on threads.
    """
    if into.is_dir():
        return
    partial = into.with_name(f"{into.name}.{uuid4().hex}")
    partial.mkdir(parents=True)
    try:
        with (
            (partial / _CLIENTS).open("wb") as clients,
            (partial / _VECTORS).open("wb") as vectors,
            spilling(settings) as connection,
        ):
            create_views(connection, tables)
            for start in range(0, len(client_ids) if tables.files else 0, CHUNK_CLIENTS):
                found = aggregate(connection, client_ids[start : start + CHUNK_CLIENTS], progress)
                found.client_ids.tofile(clients)
                found.vectors.tofile(vectors)
        partial.replace(into)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def kept_history(folder: Path) -> History:
    """Open what `keep_history` wrote: only what is asked for is read."""
    width = len(CATALOG.history_names)
    if not (folder / _CLIENTS).stat().st_size:
        return History(np.empty(0, dtype=np.int64), np.empty((0, width), dtype=np.float32))
    clients = np.memmap(folder / _CLIENTS, dtype=np.int64, mode="r")
    return History(clients, np.memmap(folder / _VECTORS, dtype=np.float32, mode="r", shape=(len(clients), width)))
