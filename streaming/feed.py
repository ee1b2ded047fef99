"""Sends a table's applications to Kafka, at a rate or as fast as it goes: `loanstream intake` and the demo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from credit.errors import DependencyUnavailable, TableError
from credit.schema import APPLICATION_COLUMNS, CLIENT_ID, SCHEMA_VERSION
from credit.wire.application import encode_application
from credit.wire.topics import APPLICATIONS_TOPIC
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.sender import Sender

_ROWS_AT_ONCE = 2000
_PROGRESS_EVERY_S = 0.25
_FLUSH_TIMEOUT_S = 60.0


def read_rows(table: Path) -> Iterator[dict[str, Any]]:
    """Yield each application of a CSV or parquet table as a mapping of its columns, without what is missing.

    Columns that an application does not have (the label among them) are left out. Raises TableError for a file that is
    missing, unreadable, or has no SK_ID_CURR or none of the other columns.
    """
    import pyarrow as pa

    try:
        yield from _rows(table)
    except FileNotFoundError:
        raise TableError(f"{table} is not there; name a CSV or parquet table of applications") from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        reason = str(error).splitlines()[0][:200]
        raise TableError(f"{table} cannot be read ({reason}); mend it, or name another table") from None


def _rows(table: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.dataset

    if not table.is_file():
        raise FileNotFoundError(table)
    types = {c.name: pa.string() if c.is_category else pa.float64() for c in APPLICATION_COLUMNS} | {
        CLIENT_ID: pa.int64()
    }
    if table.suffix == ".parquet":
        dataset = pyarrow.dataset.dataset(table, format="parquet")
    else:
        # Home Credit's CSV has empty cells for what is missing, in texts too.
        convert = pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=True)
        dataset = pyarrow.dataset.dataset(table, format=pyarrow.dataset.CsvFileFormat(convert_options=convert))
    present = [name for name in (CLIENT_ID, *(c.name for c in APPLICATION_COLUMNS)) if name in dataset.schema.names]
    if CLIENT_ID not in present or len(present) < 2:
        raise TableError(f"{table} has no {CLIENT_ID} or no application columns; name a table of applications")
    schema = pa.schema([(name, types[name]) for name in present])
    for batch in dataset.to_batches(columns=present, batch_size=_ROWS_AT_ONCE):
        for row in pa.Table.from_batches([batch]).cast(schema).to_pylist():
            yield {name: value for name, value in row.items() if value is not None and value == value}  # noqa: PLR0124 - NaN


def envelope(row: dict[str, Any], id_prefix: str = "") -> dict[str, Any]:
    """Return the message for one row, submitted now; its id is the client's with a prefix."""
    return {
        "schema_version": SCHEMA_VERSION,
        "application_id": f"{id_prefix}{row[CLIENT_ID]}",
        "submitted_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "application": row,
    }


def feed(
    bootstrap: str,
    table: Path,
    *,
    rate: float | None = None,
    limit: int | None = None,
    repeat: bool = False,
    topic: str = APPLICATIONS_TOPIC,
    id_prefix: str = "",
    security: KafkaSecurity | None = None,
    stop: threading.Event | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Send a table's applications and return how many the brokers acknowledged.

    rate: applications a second, as fast as possible without; limit: send so many at most; repeat: begin the table again
    at its end, with ids of their own (`r2-`, `r3-`, ...); stop: ends it early; progress: told the number sent so far.
    Raises TableError, or DependencyUnavailable where the brokers did not acknowledge all.
    """
    stop = stop or threading.Event()
    sent = 0
    with Sender(bootstrap, security, compression_type="lz4", batch_size=256 * 1024, linger_ms=5) as sender:
        begin = told = time.monotonic()
        for message in _messages(table, id_prefix, repeat):
            if stop.is_set() or sender.failure is not None or sent == limit:
                break
            if rate is not None:
                ahead = sent / rate - (time.monotonic() - begin)
                # Sleeping for each record costs more than sending it; a hundredth of a second is even enough.
                if ahead > 0.01 and stop.wait(ahead):
                    break
                message["submitted_at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
            sender.send(topic, encode_application(message), message["application_id"].encode())
            sent += 1
            if time.monotonic() - told > _PROGRESS_EVERY_S:
                told = time.monotonic()
                progress(sent)
        sender.flush(_FLUSH_TIMEOUT_S)
    progress(sent)
    if sender.failure is not None:
        reason = f"Kafka did not acknowledge every application ({sender.failure})"
        raise DependencyUnavailable(f"{reason}; is the broker up?")
    return sent


def _messages(table: Path, id_prefix: str, repeat: bool) -> Iterator[dict[str, Any]]:
    turn = 1
    while True:
        prefix = id_prefix if turn == 1 else f"{id_prefix}r{turn}-"
        empty = True
        for row in read_rows(table):
            empty = False
            yield envelope(row, prefix)
        if empty:
            raise TableError(f"{table} holds no applications; name another table")
        if not repeat:
            return
        turn += 1
