"""One part from its rows to its answers: what every worker does, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import ApplicationBatch, IntArray
from credit.errors import TableError
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID
from loanstream.scoring.answers import PartDone, answers, joined, write_part
from loanstream.scoring.kept_history import kept_history
from loanstream.scoring.plan import FilePart
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from training.data.applications import encode_table
from training.data.history import History

BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class ScoringJob:
    """What a worker needs to know of a run besides the part; the folders are seen by every worker under one path."""

    source: Path
    out: Path
    history: Path
    digest: str
    reasons: bool


# Scores parts with the model in a folder and yields each when its file is there, in any order.
PartRunner = Callable[[ScoringJob, Path, Sequence[FilePart]], Iterator[PartDone]]


class AggregatedHistory:
    """The history that tables give, as the graph looks it up; nobody has an application on file here."""

    def __init__(self, history: History) -> None:
        self._history = history

    def history(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """Return float32[n, h], NaN where nothing is known, and bool[n], whether anything is."""
        return self._history.find(client_ids)

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        """Return None for each client."""
        return [None] * len(client_ids)


class PartScorer:
    """Loads the model once and scores part after part; holds one block of applications and one part's answers."""

    def __init__(self, model: Path, job: ScoringJob) -> None:
        if not job.out.is_dir() or not job.history.is_dir():
            raise TableError(f"{job.out} is not seen by a worker: give folders that all nodes share")
        self._job = job
        self._graph = LocalGraph(FolderSource(model), AggregatedHistory(kept_history(job.history)))

    def score(self, part: FilePart) -> PartDone:
        """Decide the part's rows in their order and write its file; the same part gives the same bytes."""
        job = self._job
        blocks = [
            answers(self._graph.decide(applications), reasons=job.reasons)
            for applications in read_part(job.source, part)
        ]
        return write_part(job.out, part.name, part.number, job.digest, joined(blocks, reasons=job.reasons))


def read_part(folder: Path, part: FilePart) -> Iterator[ApplicationBatch]:
    """Yield a part's applications block by block; raises TableError for a file that cannot be read any more."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [CLIENT_ID, *(column.name for column in APPLICATION_COLUMNS)]
    try:
        with pq.ParquetFile(folder / part.file) as file:
            read = file.iter_batches(BLOCK, row_groups=list(part.row_groups), columns=columns, use_threads=False)
            for rows in read:
                ids = rows.column(CLIENT_ID).cast(pa.int64()).to_numpy(zero_copy_only=False)
                yield application_batch(ids, encode_table(rows))
    except (OSError, pa.ArrowException) as error:
        raise TableError(f"{part.file} cannot be read: {_first_line(error)}") from None


def application_batch(ids: IntArray, values: Any) -> ApplicationBatch:
    """Return applications of a file: a client has one there, so its id names it."""
    return ApplicationBatch([str(i) for i in ids.tolist()], ids, np.zeros(len(ids), dtype=np.int64), values)


def score_here(job: ScoringJob, model: Path, parts: Sequence[FilePart]) -> Iterator[PartDone]:
    """Score the parts one after another in this process (a `PartRunner`)."""
    scorer = PartScorer(model, job)
    for part in parts:
        yield scorer.score(part)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
