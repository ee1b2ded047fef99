"""The answers as they are written: the columns, and one Parquet file a part that is there whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from credit.decision import DecisionBatch
from credit.features import CATALOG
from credit.policy import Outcome
from credit.reasons import MAX_REASONS
from credit.schema import CLIENT_ID

Answers = Mapping[str, npt.NDArray[Any]]

_KEY = b"loanstream"
_UNFINISHED = ".part-"


@dataclass(frozen=True, slots=True)
class PartDone:
    """A part whose answers are written: rows, and how many of each outcome, in the order of `Outcome`."""

    number: int
    rows: int
    outcomes: tuple[int, ...]


def answers(decided: DecisionBatch, *, reasons: bool) -> Answers:
    """Return what is written of some decisions; reason_1.. are the subjects' codes, None where there are fewer."""
    words = np.array([outcome.word for outcome in Outcome], dtype=object)
    columns: dict[str, npt.NDArray[Any]] = {
        CLIENT_ID: decided.applications.client_ids,
        "probability": decided.probability,
        "outcome": words[decided.outcome],
        "points": decided.points,
    }
    if reasons:
        codes = np.array([*CATALOG.subjects, None], dtype=object)  # the place -1 of "no reason" reads the None
        subject = decided.reasons.subject
        columns |= {f"reason_{i + 1}": codes[subject[:, i]] for i in range(subject.shape[1])}
    return columns


def schema(*, reasons: bool) -> Any:
    """Return the Arrow schema of the answers: the same whatever they say."""
    import pyarrow as pa

    fields = [
        pa.field(CLIENT_ID, pa.int64()),
        pa.field("probability", pa.float64()),
        pa.field("outcome", pa.string()),
        pa.field("points", pa.int32()),
    ]
    if reasons:
        fields += [pa.field(f"reason_{i + 1}", pa.string()) for i in range(MAX_REASONS)]
    return pa.schema(fields)


def joined(blocks: Sequence[Answers], *, reasons: bool) -> Any:
    """Return blocks of answers as one Arrow table, in their order; needs at least one."""
    import pyarrow as pa

    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return pa.table(columns, schema=schema(reasons=reasons))


def counted(outcomes: Any) -> tuple[int, ...]:
    """Return how many there are of each outcome, from a column of their words."""
    import pyarrow.compute as pc

    found = {item["values"]: item["counts"] for item in pc.value_counts(outcomes).to_pylist()}
    return tuple(found.get(outcome.word, 0) for outcome in Outcome)


def write_part(folder: Path, name: str, number: int, digest: str, table: Any) -> PartDone:
    """Write a part's answers under their name in one step; whoever sees the file sees all of it, also after a crash.

    What the part was made from and what is in it stand in the file itself, so that nobody counts it twice.
    """
    import pyarrow.parquet as pq

    done = PartDone(number, table.num_rows, counted(table.column("outcome")))
    said = {"plan": digest, "part": number, "outcomes": done.outcomes}
    partial = folder / f"{_UNFINISHED}{number:06d}.{uuid4().hex}"
    try:
        with partial.open("wb") as opened:
            pq.write_table(table.replace_schema_metadata({_KEY: json.dumps(said)}), opened)
            opened.flush()
            os.fsync(opened.fileno())
        partial.replace(folder / name)
    finally:
        partial.unlink(missing_ok=True)
    return done


def finished(folder: Path, digest: str) -> dict[int, PartDone]:
    """Return the parts that lie finished in a folder, made from what the digest says, by their numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = {}
    for path in sorted(folder.glob("part-*.parquet")):
        try:
            footer = pq.read_metadata(path)
            said = json.loads((footer.metadata or {})[_KEY])
        except (OSError, pa.ArrowException, KeyError, ValueError):
            continue
        if said["plan"] == digest:
            found[said["part"]] = PartDone(said["part"], footer.num_rows, tuple(said["outcomes"]))
    return found


def remove_unfinished(folder: Path) -> None:
    """Remove what a run that was killed has left half written."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        path.unlink(missing_ok=True)
