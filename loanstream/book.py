"""The book: the labelled clients on file in bands, scored by the champion, for default rates before outcomes come.

No client's number is in it, and its rows are shuffled, so that their order leads to nobody either.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from credit.features import CATALOG
from credit.schema import APPLICATION_COLUMNS
from credit.themes import EARLIER_CREDITS, HISTORY_COUNTS, theme_bands

if TYPE_CHECKING:
    from feature_store.store import FeatureStore
    from serve_app.models.loaded_model import LoadedModel
    from training.data.applications import EncodedApplications

_BLOCK: Final = 4_096
_COUNTS: Final = [CATALOG.history_names.index(name) for name in HISTORY_COUNTS]


def make_book_into(
    data: Path, tables: str, env: Mapping[str, str], report: Callable[[str, float], None]
) -> dict[str, Any]:
    """Make the book of the surroundings in `env` from the tables in `data`, unless it is there already.

    tables: a digest of the tables as they are (`loanstream.stack.prepared.fingerprint`). Raises TableError where no
    labelled table is there, ModelNotFound where no model decides.
    """
    from feature_store.store import open_store
    from serve_app.models.shelf import ModelShelf
    from serve_app.models.sources import MlflowSource

    out = Path(env["LOANSTREAM_LEDGER_BOOK"])
    source = MlflowSource(env["MLFLOW_TRACKING_URI"], "loanstream", "champion")
    version = source.current()
    mark = f"{version} {tables}"
    if _mark_of(out) == mark:
        return {"clients": 0, "version": version, "unchanged": True}
    report("reading the labelled clients", 0.0)
    store = open_store(
        Path(env["LOANSTREAM_FEATURE_STORE"]), env.get("REDIS_URL"), CATALOG.history_hash, len(CATALOG.history_names)
    )
    shelf = ModelShelf(source)
    shelf.refresh()
    clients = write_book(_labelled(data), store, shelf.current, out, mark, report)
    return {"clients": clients, "version": version, "unchanged": False}


def write_book(
    applications: EncodedApplications,
    store: FeatureStore,
    model: LoadedModel,
    out: Path,
    mark: str,
    report: Callable[[str, float], None],
) -> int:
    """Write the book of labelled applications and return how many clients are in it; it appears when it is complete.

    mark: what it was made from, so that it need not be made again.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ledger.portfolio.book import BOOK_KEY

    assert applications.target is not None, "the table is labelled"
    blocks = []
    for start, block in _blocks(applications, store, model):
        report("scoring the clients on file", start / len(applications))
        blocks.append(block)
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    order = np.random.default_rng().permutation(len(applications))
    said = {
        "version": model.ref.version,
        "policy": model.manifest.policy.model_dump(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "mark": mark,
    }
    table = pa.table({name: values[order] for name, values in columns.items()})
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        described = table.replace_schema_metadata({BOOK_KEY: json.dumps(said)})
        pq.write_table(described, part, compression="zstd")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    report("scoring the clients on file", 1.0)
    return len(applications)


def _blocks(
    applications: EncodedApplications, store: FeatureStore, model: LoadedModel
) -> Iterator[tuple[int, dict[str, npt.NDArray[Any]]]]:
    from serve_app.steps.scorer import score_batch

    names = [column.name for column in APPLICATION_COLUMNS]
    target = applications.target
    assert target is not None
    for start in range(0, len(applications), _BLOCK):
        part = slice(start, start + _BLOCK)
        values, vectors = applications.values[part], store.history(applications.client_ids[part])[0]
        scored = score_batch(model, values, vectors)
        known = {name: values[:, place] for place, name in enumerate(names)}
        known[EARLIER_CREDITS] = np.nan_to_num(vectors[:, _COUNTS].astype(np.float64)).sum(axis=1)
        yield (
            start,
            {
                **theme_bands(known, len(values)),
                "probability": scored.probability.astype(np.float32),
                "outcome": scored.outcome.astype(np.uint8),
                "defaulted": target[part].astype(np.int8),
            },
        )


def _labelled(data: Path) -> EncodedApplications:
    from training.data.applications import read_applications
    from training.data.connection import spilling
    from training.data.schemas import APPLICATION_TRAIN
    from training.data.tables import create_views, find_tables
    from training.settings import TrainingSettings

    tables = find_tables(data, need=(APPLICATION_TRAIN,))
    with spilling(TrainingSettings()) as connection:
        create_views(connection, tables, only=(APPLICATION_TRAIN,))
        return read_applications(connection, tables, APPLICATION_TRAIN, labelled=True)


def _mark_of(book: Path) -> str | None:
    """Return what a book was made from, None where there is none that says."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ledger.portfolio.book import BOOK_KEY

    try:
        said: dict[str, Any] = json.loads((pq.read_metadata(book).metadata or {})[BOOK_KEY])
        return str(said["mark"])
    except (OSError, pa.ArrowException, KeyError, ValueError):
        return None
