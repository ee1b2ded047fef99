"""Asks the segments by DuckDB: one question at a time for each of few threads, in bounded memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Literal

from credit.errors import DependencyUnavailable
from ledger.portfolio.book import Book
from ledger.portfolio.following import Follower, be_nice
from ledger.portfolio.segments import SegmentFolder

CountedSource = Literal["decisions", "book"]
Rows = list[tuple[Any, ...]]
_TRIES: Final = 3


class PortfolioCounts:
    """Answers questions over the source tables; each runs in a thread that lets others go first.

    memory_mb: what all questions take together, beyond which they go to disk; threads: how many run side by side.
    """

    def __init__(self, follower: Follower, book: Book, folder: Path, memory_mb: int = 256, threads: int = 1) -> None:
        self._follower, self._book, self._folder, self._memory_mb = follower, book, folder, memory_mb
        self._asking = ThreadPoolExecutor(threads, "portfolio", be_nice)
        self._opening = threading.Lock()
        self._connection: Any = None

    @property
    def book(self) -> Book:
        return self._book

    def ask(self, question: str, values: Sequence[object] = (), source: CountedSource = "decisions") -> Rows:
        """Return the rows of a question that reads FROM source_rows.

        source_rows has a row for each decision, with `defaulted` null where nothing is known, or for each client on
        file. Raises DependencyUnavailable where there are none.
        """
        return self._asking.submit(self._ask, question, values, source).result()

    def _ask(self, question: str, values: Sequence[object], source: CountedSource) -> Rows:
        import duckdb

        with self._opening:
            if self._connection is None:
                self._connection = self._opened()
        for left in reversed(range(_TRIES)):
            try:
                with self._source(source) as rows:
                    return self._rows(f"WITH source_rows AS ({rows}) {question}", values)
            except duckdb.IOException as error:  # another process has put segments together meanwhile
                if not left:
                    raise DependencyUnavailable(f"the portfolio's files cannot be read ({error})") from None
                self._follower.look()
            except duckdb.OutOfMemoryException:
                raise DependencyUnavailable(
                    f"the question takes more than {self._memory_mb} MB: raise LOANSTREAM_LEDGER_PORTFOLIO_MEMORY_MB"
                ) from None
        raise AssertionError("the last try returns or raises")

    def _rows(self, question: str, values: Sequence[object]) -> Rows:
        found: Rows = self._connection.cursor().execute(question, list(values)).fetchall()
        return found

    def _opened(self) -> Any:
        import duckdb

        spilled = self._folder / "spilled"
        spilled.mkdir(parents=True, exist_ok=True)
        # One thread a question: the calling one, which is nice. DuckDB's own would not be.
        options: dict[str, Any] = {"threads": 1, "memory_limit": f"{self._memory_mb}MB", "temp_directory": str(spilled)}
        connection = duckdb.connect(":memory:", config=options)
        connection.execute("SET enable_object_cache = true")
        return connection

    @contextlib.contextmanager
    def _source(self, source: CountedSource) -> Iterator[str]:
        if source == "book":
            yield f"SELECT * FROM {_files([str(self._book.path())])}"
            return
        follower = self._follower
        with _leased(follower.facts) as facts, _leased(follower.outcomes) as outcomes:
            if not facts:
                yield _NOTHING
                return
            told = "NULL::TINYINT"
            joined = ""
            if outcomes:
                told = "told.defaulted"
                newest = f"SELECT seq, arg_max(defaulted, change_no) AS defaulted FROM {_files(outcomes)} GROUP BY seq"
                joined = f"LEFT JOIN ({newest}) AS told USING (seq)"
            yield (
                f"SELECT counted.*, {told} AS defaulted FROM {_files(facts)} AS counted {joined} "
                f"WHERE counted.decided_ms >= {follower.floor_ms}"
            )

    def close(self) -> None:
        """End; questions that run are waited for."""
        self._asking.shutdown()
        if self._connection is not None:
            self._connection.close()


def _leased(folder: SegmentFolder) -> contextlib.AbstractContextManager[list[str]]:
    return folder.lease()


def _files(paths: Sequence[str]) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{quoted}])"


def _nothing() -> str:
    """Return a table of no decision, with all its columns."""
    from ledger.portfolio.following import FACTS_SCHEMA

    kinds = {"uint8": "UTINYINT", "uint16": "USMALLINT", "int32": "INTEGER", "int64": "BIGINT", "float": "FLOAT"}
    columns = ", ".join(f"NULL::{kinds[str(field.type)]} AS {field.name}" for field in FACTS_SCHEMA)
    return f"SELECT {columns}, NULL::TINYINT AS defaulted WHERE false"


_NOTHING: Final = _nothing()
