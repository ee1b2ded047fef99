"""Follows facts and outcomes from the database into segments, in a thread of the door: a moment behind, never ahead.

The database is what holds: segments that say something else are thrown away and made again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine, Row, func, select

from credit.errors import LoanstreamError
from ledger.portfolio.segments import SegmentFolder
from ledger.store.engine import reading
from ledger.store.facts import FACT, Facts, unpack_facts
from ledger.store.tables import fact_outcomes, facts

log = logging.getLogger(__name__)

FACTS_SCHEMA: Final = pa.schema(
    [("seq", pa.int64()), *((name, pa.from_numpy_dtype(FACT[name])) for name in FACT.names or ())]
)
OUTCOMES_SCHEMA: Final = pa.schema(
    [("change_no", pa.int64()), ("seq", pa.int64()), ("decided_ms", pa.int64()), ("defaulted", pa.int8())]
)
_ROWS: Final = 100_000  # of a step: memory stays that of so many
_LOOK_AT_TIME_S: Final = 60.0
_NICE: Final = 10


class Follower:
    """Brings segments up to what the database holds; one process of a folder writes, others look at what it wrote."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self.facts = SegmentFolder(folder / "facts", FACTS_SCHEMA)
        self.outcomes = SegmentFolder(folder / "outcomes", OUTCOMES_SCHEMA)
        self.floor_ms = 0
        self._lock: TextIO | None = None
        self._looked = float("-inf")

    def step(self) -> bool:
        """Take a part of what is new; returns whether there may be more. Raises LedgerUnavailable."""
        if not self._owns():
            self.look()
            self._look_at_time()
            return False
        with reading(self._engine) as connection:
            new = select(facts).where(facts.c.seq >= self.facts.end).order_by(facts.c.seq).limit(_ROWS)
            rows = _first(connection.execute(new.execution_options(yield_per=100)), _ROWS)
            changes = connection.execute(
                select(fact_outcomes)
                .where(fact_outcomes.c.change_no >= self.outcomes.end)
                .order_by(fact_outcomes.c.change_no)
                .limit(_ROWS)
            ).all()
        if rows:
            self.facts.append(_table(rows), rows[0].seq, rows[-1].seq + rows[-1].length)
        if changes:
            table = pa.table(dict(zip(OUTCOMES_SCHEMA.names, zip(*changes, strict=True), strict=True)))
            self.outcomes.append(table, changes[0].change_no, changes[-1].change_no + 1)
        anew = self._look_at_time()
        return anew or sum(row.length for row in rows) >= _ROWS or len(changes) == _ROWS

    def look(self) -> None:
        """Take up what the folder holds, where another process writes it."""
        if self._lock is None:
            self.facts.look()
            self.outcomes.look()

    def close(self) -> None:
        """Let another process write."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _owns(self) -> bool:
        if self._lock is not None:
            return True
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock = file
        self.facts.open()
        self.outcomes.open()
        if not self._are_of_this_database():
            log.warning("the portfolio's segments are of another state of the database: they are made again")
            for each in (self.facts, self.outcomes):
                each.drop(each.segments)
        return True

    def _are_of_this_database(self) -> bool:
        """Say whether the last row of each kind stands in the database as it stands in its segment."""
        with reading(self._engine) as connection:
            if self.facts.segments:
                newest = select(facts).where(facts.c.seq < self.facts.end).order_by(facts.c.seq.desc()).limit(1)
                held = connection.execute(newest).first()
                if held is None or _table([held]).to_pylist()[-1] != self.facts.last():
                    return False
            if self.outcomes.segments:
                c = fact_outcomes.c
                change = connection.execute(select(fact_outcomes).where(c.change_no == self.outcomes.end - 1)).first()
                return change is not None and dict(change._mapping) == self.outcomes.last()
        return True

    def _look_at_time(self) -> bool:
        """Leave out what the database's retention has removed; returns whether to begin anew, with more of the past."""
        now = time.monotonic()
        if now - self._looked < _LOOK_AT_TIME_S:
            return False
        self._looked = now
        with reading(self._engine) as connection:
            oldest = connection.scalar(select(func.min(facts.c.decided_ms)))
            first = connection.scalar(select(func.min(facts.c.seq)))
        if oldest is not None:
            self.floor_ms = self._begin_of(int(oldest))
        else:
            self.floor_ms = 1 + max((segment.newest_ms for segment in self.facts.segments), default=-1)
        if self._lock is None:
            return False
        held = self.facts.segments
        anew = bool(held) and first is not None and first < held[0].first
        if anew:
            self.facts.drop(held)  # decisions from before facts were kept are counted now (`backfill`)
        for each in (self.facts, self.outcomes):
            each.drop([segment for segment in each.segments[:-1] if segment.newest_ms < self.floor_ms])
        return anew

    def _begin_of(self, oldest_ms: int) -> int:
        """Return when the earliest decision was taken in the rows whose latest was at `oldest_ms`."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(facts.c.packed).where(facts.c.decided_ms == oldest_ms)).scalars()
            return min((int(unpack_facts(row)["decided_ms"].min()) for row in rows), default=oldest_ms)


class Following(threading.Thread):
    """Calls a follower every `every_s` seconds, with less right to the processor than what answers."""

    def __init__(self, follower: Follower, every_s: float = 1.0) -> None:
        super().__init__(name="portfolio-follower", daemon=True)
        self._follower, self._every_s = follower, every_s
        self._ended = threading.Event()

    def stop(self) -> None:
        """End the thread after its present step, and wait for it a while."""
        self._ended.set()
        self.join(timeout=15)

    def run(self) -> None:
        """Follow until stopped; what fails is tried again."""
        be_nice()
        while True:
            more = False
            try:
                more = self._follower.step()
            except (LoanstreamError, OSError, pa.ArrowException) as error:
                log.warning("the portfolio does not follow the ledger just now: %s", error)
            if self._ended.wait(0.0 if more else self._every_s):
                break
        self._follower.close()


def be_nice() -> None:
    """Let other threads go first, where the system tells threads apart."""
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
    except (OSError, AttributeError):
        return


def _first(found: Any, rows: int) -> Sequence[Row[Any]]:
    taken, count = [], 0
    for row in found:
        taken.append(row)
        count += row.length
        if count >= rows:
            break
    found.close()
    return taken


def facts_table(first: int, packed: Facts) -> pa.Table:
    """Return facts as a table, numbered from `first` on."""
    columns = {name: pa.array(np.ascontiguousarray(packed[name])) for name in FACT.names or ()}
    return pa.table({"seq": np.arange(first, first + len(packed)), **columns})


def _table(rows: Sequence[Row[Any]]) -> pa.Table:
    return pa.concat_tables([facts_table(row.seq, unpack_facts(row.packed)) for row in rows])
