"""PostgreSQL's partitions, one a month (UTC), and the end of a decision's time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, delete, text

from ledger.store.engine import writing
from ledger.store.tables import METADATA, PARTITIONED, fact_outcomes

DAY_MS = 86_400_000
_NAME = re.compile(r"_y(\d{4})m(\d{2})$")
# Blobs are compressed and encrypted already: PostgreSQL need not try. Out of the row three of them do not leave a
# third of each page empty.
_BLOBS = "ALTER TABLE {name} ALTER COLUMN sealed SET STORAGE EXTERNAL"


def month_of(ms: int) -> tuple[int, int]:
    """Return year and month of a time."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.year, at.month


def month_start_ms(year: int, month: int) -> int:
    """Return the first millisecond of a month; month 13 is the next year's first."""
    return round(datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)


class Months:
    """Makes the partitions that rows need, each asked for once."""

    def __init__(self) -> None:
        self._made: set[tuple[int, int]] = set()

    def ensure(self, connection: Connection, times_ms: Iterable[int]) -> list[tuple[int, int]]:
        """Make the partitions of these times in the open transaction; returns those asked for the first time.

        The caller hands them to `remember` after its commit: a transaction taken back takes its partitions along.
        """
        if connection.dialect.name != "postgresql":
            return []
        # A day has one month: looking at days first spares most of the calendar.
        days = {ms // DAY_MS for ms in times_ms}
        new = sorted({month_of(day * DAY_MS) for day in days} - self._made)
        for year, month in new:
            low, high = month_start_ms(year, month), month_start_ms(year, month + 1)
            for table in PARTITIONED:
                name = f"{table}_y{year:04d}m{month:02d}"
                if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is None:
                    connection.execute(
                        text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ({low}) TO ({high})")
                    )
                    if table == "payloads":
                        connection.execute(text(_BLOBS.format(name=name)))
        return new

    def remember(self, months: Iterable[tuple[int, int]]) -> None:
        """Take note that these partitions are there."""
        self._made.update(months)


def end_retention(engine: Engine, before_ms: int) -> list[str]:
    """Remove the decisions taken before a time; returns what was dropped, or how many rows were deleted.

    PostgreSQL drops each month that is over entirely by then; SQLite deletes rows. The register stays.
    """
    with writing(engine) as connection:
        connection.execute(delete(fact_outcomes).where(fact_outcomes.c.decided_ms < before_ms))
        if connection.dialect.name != "postgresql":
            gone = []
            for table in PARTITIONED:
                made = METADATA.tables[table]
                removed = connection.execute(delete(made).where(made.c.decided_ms < before_ms)).rowcount
                gone.append(f"{table}: {removed} rows")
            return gone
        dropped = []
        for table in PARTITIONED:
            names = connection.execute(
                text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(:table)"),
                {"table": table},
            ).scalars()
            for name in sorted(names):
                found = _NAME.search(name)
                if found and month_start_ms(int(found[1]), int(found[2]) + 1) <= before_ms:
                    connection.execute(text(f"DROP TABLE {name}"))
                    dropped.append(name)
        return dropped
