"""Decisions waiting for their outcomes, on disk: a default shows months after the decision that it judges.

SQLite in one file, bounded in rows and age. Whatever is written again after a crash is written to the same key, and the
offsets of the outcomes topic stand in the same transaction as the outcomes, so nothing is counted twice or lost.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.wire.outcome import ObservedOutcome
from monitoring.windows.fold import FoldedDecisions

_SCHEMA = """
CREATE TABLE IF NOT EXISTS decisions (
  decision_id TEXT PRIMARY KEY, application_id TEXT NOT NULL, version TEXT NOT NULL, decided_ms INTEGER NOT NULL,
  probability REAL NOT NULL, outcome INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS decisions_application ON decisions (application_id);
CREATE INDEX IF NOT EXISTS decisions_decided ON decisions (decided_ms);
CREATE TABLE IF NOT EXISTS outcomes (
  application_id TEXT PRIMARY KEY, decision_id TEXT, defaulted INTEGER NOT NULL, observed_ms INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shadows (
  decision_id TEXT PRIMARY KEY, version TEXT NOT NULL, decided_ms INTEGER NOT NULL, probability REAL NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (place TEXT PRIMARY KEY, next INTEGER NOT NULL);
"""
_HASH_SPACE = 2**32


@dataclass(frozen=True, slots=True)
class ShadowedPairs:
    """Applications that one version decided and another scored, float64[n] each; `defaulted` NaN where unknown."""

    champion_version: str
    champion: FloatArray
    challenger: FloatArray
    defaulted: FloatArray


@dataclass(frozen=True, slots=True)
class LabelledDecisions:
    """Decisions with known outcomes, arrays of n: probability and defaulted float64, outcome int8, decided_ms int64."""

    decision_ids: list[str]
    probability: FloatArray
    outcome: npt.NDArray[np.int8]
    defaulted: FloatArray
    decided_ms: IntArray


class LabelStore:
    """Keeps decisions, outcomes and challengers' scores, and joins them.

    share: part of the applications kept, chosen by a hash of their id so that decision and outcome agree on it;
    max_rows, keep_ms: decisions kept at most. Safe from several threads.
    """

    def __init__(
        self, path: Path, share: float = 1.0, max_rows: int = 2_000_000, keep_ms: int = 550 * 86_400_000
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._share, self._max_rows, self._keep_ms = share, max_rows, keep_ms
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A power cut may lose the last transactions whole; the snapshots' offsets bring them back.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._rows = int(self._db.execute("SELECT count(*) FROM decisions").fetchone()[0])
        self._newest_ms = int(self._db.execute("SELECT coalesce(max(decided_ms), 0) FROM decisions").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _kept(self, application_id: str) -> bool:
        return self._share >= 1.0 or zlib.crc32(application_id.encode()) < self._share * _HASH_SPACE

    def add_decisions(self, part: FoldedDecisions) -> None:
        """Keep decisions; those kept already stay as they are."""
        record = part.record
        rows: Iterable[Sequence[object]] = zip(
            record.decision_ids,
            record.application_ids,
            [part.version] * len(record),
            record.decided_ms.tolist(),
            record.probability.tolist(),
            record.outcome.tolist(),
            strict=True,
        )
        if self._share < 1.0:
            rows = [row for row in rows if self._kept(str(row[1]))]
        with self._lock:
            self._db.execute("BEGIN")
            done = self._db.executemany("INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._rows += max(done.rowcount, 0)
            self._db.execute("COMMIT")
        self._newest_ms = max(self._newest_ms, int(record.decided_ms.max()))
        if self._rows > self._max_rows * 1.05:
            self.prune()

    def add_outcomes(self, outcomes: Iterable[ObservedOutcome], offsets: dict[str, int]) -> None:
        """Keep outcomes (the latest observed of an application) and the offsets to go on from, as one."""
        rows = [
            (o.application_id, o.decision_id, o.defaulted, o.observed_ms)
            for o in outcomes
            if self._kept(o.application_id)
        ]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO outcomes VALUES (?, ?, ?, ?) ON CONFLICT (application_id) DO UPDATE SET "
                "decision_id = excluded.decision_id, defaulted = excluded.defaulted, "
                "observed_ms = excluded.observed_ms "
                "WHERE excluded.observed_ms >= outcomes.observed_ms",
                rows,
            )
            self._put_offsets(offsets)
            self._db.execute("COMMIT")

    def add_shadows(self, rows: Iterable[tuple[str, str, int, float]], offsets: dict[str, int]) -> None:
        """Keep a challenger's (decision id, version, time, probability) rows and the offsets to go on from, as one."""
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO shadows VALUES (?, ?, ?, ?)", rows)
            self._put_offsets(offsets)
            self._db.execute("COMMIT")

    def _put_offsets(self, offsets: dict[str, int]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO offsets VALUES (?, ?)", list(offsets.items()))

    def offset(self, place: str) -> int | None:
        """Return where to go on reading a topic's partition, named `topic-partition`; None for its start."""
        with self._lock:
            found = self._db.execute("SELECT next FROM offsets WHERE place = ?", (place,)).fetchone()
        return None if found is None else int(found[0])

    def prune(self) -> None:
        """Drop decisions that are too old or too many, oldest first, and what belonged to them."""
        with self._lock:
            self._db.execute("BEGIN")
            oldest = self._newest_ms - self._keep_ms
            if self._rows > self._max_rows:
                beyond = "SELECT decided_ms FROM decisions ORDER BY decided_ms DESC LIMIT 1 OFFSET ?"
                cut = self._db.execute(beyond, (self._max_rows - 1,)).fetchone()
                oldest = max(oldest, int(cut[0]))
            self._db.execute("DELETE FROM decisions WHERE decided_ms < ?", (oldest,))
            self._db.execute("DELETE FROM shadows WHERE decided_ms < ?", (oldest,))
            # An outcome may come before its decision, so only those as old as what was dropped go with it.
            self._db.execute(
                "DELETE FROM outcomes WHERE observed_ms < ? AND "
                "application_id NOT IN (SELECT application_id FROM decisions)",
                (oldest,),
            )
            self._rows = int(self._db.execute("SELECT count(*) FROM decisions").fetchone()[0])
            self._db.execute("COMMIT")

    @property
    def newest_ms(self) -> int:
        """Time of the newest decision."""
        return self._newest_ms

    def matured_before(self, maturity_ms: int, cohort_ms: int) -> int:
        """Return the end of the last matured cohort: one whose youngest decision is as old as maturity asks."""
        return (self._newest_ms - maturity_ms) // cohort_ms * cohort_ms

    def counts(self, version: str, before_ms: int) -> tuple[int, int]:
        """Return how many of a version's decisions before a time there are, and how many of them have an outcome."""
        with self._lock:
            total = self._db.execute(
                "SELECT count(*) FROM decisions WHERE version = ? AND decided_ms < ?", (version, before_ms)
            ).fetchone()[0]
            known = self._db.execute(f"SELECT count(*) {_JOIN}", (version, before_ms)).fetchone()[0]
        return int(total), int(known)

    def labelled(self, version: str, before_ms: int, limit: int = 200_000) -> LabelledDecisions:
        """Return a version's decisions before a time that have an outcome, at most `limit`, newest first."""
        query = f"SELECT d.decision_id, d.probability, d.outcome, o.defaulted, d.decided_ms {_JOIN}"
        with self._lock:
            rows = self._db.execute(
                f"{query} ORDER BY d.decided_ms DESC LIMIT ?", (version, before_ms, limit)
            ).fetchall()
        ids, *columns = zip(*rows, strict=True) if rows else ((), (), (), (), ())
        p, outcome, bad, decided = columns
        return LabelledDecisions(
            list(ids),
            np.array(p, dtype=np.float64),
            np.array(outcome, dtype=np.int8),
            np.array(bad, dtype=np.float64),
            np.array(decided, dtype=np.int64),
        )

    def shadowed(self, version: str, limit: int = 100_000) -> ShadowedPairs | None:
        """Return what a challenger and the version that decided last say of the same applications; None for nothing."""
        both = "FROM shadows s JOIN decisions d USING (decision_id)"
        newest = "WHERE s.version = ? ORDER BY s.decided_ms DESC LIMIT 1"
        with self._lock:
            last = self._db.execute(f"SELECT d.version {both} {newest}", (version,)).fetchone()
            if last is None:
                return None
            rows = self._db.execute(
                f"SELECT d.probability, s.probability, o.defaulted {both} "
                "LEFT JOIN outcomes o ON o.application_id = d.application_id WHERE s.version = ? AND d.version = ? "
                "ORDER BY s.decided_ms DESC LIMIT ?",
                (version, last[0], limit),
            ).fetchall()
        table = np.array(rows, dtype=np.float64).reshape(len(rows), 3)
        return ShadowedPairs(str(last[0]), table[:, 0], table[:, 1], table[:, 2])


_JOIN = (
    "FROM outcomes o JOIN decisions d ON d.application_id = o.application_id AND "
    "(o.decision_id IS NULL OR o.decision_id = d.decision_id) WHERE d.version = ? AND d.decided_ms < ?"
)
