"""Generate synthetic Home Credit tables: seeded, of any size, written in chunks."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np

from credit.errors import SettingsError
from credit.schema import CLIENT_ID, TARGET
from training.data.generation.applications import draw_clients
from training.data.generation.bureau import draw_bureau
from training.data.generation.draws import Columns, TextColumn
from training.data.generation.previous import draw_previous
from training.data.generation.writer import TableWriter
from training.data.schemas import APPLICATION_TEST, APPLICATION_TRAIN, TABLES
from training.progress import StepProgress, no_progress

CHUNK_CLIENTS = 10_000
FIRST_CLIENT, FIRST_LOAN, FIRST_PREVIOUS = 100_001, 5_000_001, 1_000_001


def generate(
    out: Path,
    clients_train: int = 20_000,
    clients_test: int = 5_000,
    seed: int = 0,
    *,
    file_format: Literal["parquet", "csv"] = "parquet",
    progress: StepProgress = no_progress,
) -> dict[str, int]:
    """Write all seven tables into the folder `out` and return each table's rows.

    The same arguments give the same rows. Published size is 307,511 and 48,744 clients. Tables appear in `out` only
    when all are complete. Memory: one chunk of 10,000 clients. Raises SettingsError for a size that cannot be.
    """
    if clients_train < 1 or clients_test < 0:
        raise SettingsError("a data set needs at least one client to train on; give a larger number of clients")
    out.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".generating-", dir=out))
    try:
        rows = _write_all(staging, clients_train, clients_test, seed, file_format, progress)
        for file in staging.iterdir():
            file.replace(out / file.name)
        # A table left in the other format would be read instead of the new one.
        for table in TABLES:
            (out / f"{table}.{'csv' if file_format == 'parquet' else 'parquet'}").unlink(missing_ok=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return rows


def _write_all(
    folder: Path, train: int, test: int, seed: int, file_format: Literal["parquet", "csv"], progress: StepProgress
) -> dict[str, int]:
    total = train + test
    in_test = np.zeros(total, dtype=bool)
    in_test[np.random.default_rng([seed, 1]).permutation(total)[:test]] = True
    rows = dict.fromkeys(TABLES, 0)
    next_loan, next_previous = FIRST_LOAN, FIRST_PREVIOUS
    writers: dict[str, TableWriter] = {table: TableWriter(folder / f"{table}.{file_format}") for table in TABLES}
    try:
        for chunk, start in enumerate(range(0, total, CHUNK_CLIENTS)):
            progress("generating clients", start / total)
            stop = min(start + CHUNK_CLIENTS, total)
            rng = np.random.default_rng([seed, 2, chunk])
            clients = draw_clients(rng, FIRST_CLIENT + np.arange(start, stop))
            if start == 0 and not clients.target[~in_test[:stop]].any():
                clients.target[np.flatnonzero(~in_test[:stop])[0]] = 1  # even a tiny table has something to learn
            bureau, balance = draw_bureau(rng, clients, next_loan)
            history = draw_previous(rng, clients, next_previous)
            next_loan += len(bureau["SK_ID_BUREAU"])
            next_previous += len(history["previous_application"]["SK_ID_PREV"])
            tables: dict[str, Columns] = {"bureau": bureau, "bureau_balance": balance, **history}
            held_out = in_test[start:stop]
            labelled = {CLIENT_ID: clients.ids, TARGET: clients.target, **clients.columns}
            tables[APPLICATION_TRAIN] = _rows(labelled, ~held_out)
            tables[APPLICATION_TEST] = _rows({CLIENT_ID: clients.ids, **clients.columns}, held_out)
            for table, columns in tables.items():
                rows[table] += writers[table].write(columns)
        progress("generating clients", 1.0)
    finally:
        for writer in writers.values():
            writer.close()
    return rows


def _rows(columns: Columns, keep: np.ndarray[Any, Any]) -> Columns:
    return {
        name: TextColumn(column.codes[keep], column.values) if isinstance(column, TextColumn) else column[keep]
        for name, column in columns.items()
    }
