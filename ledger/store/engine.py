"""Connections to the ledger's database: SQLite with a write-ahead log, or PostgreSQL, each with its manners."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from credit.errors import SettingsError
from ledger.errors import LedgerUnavailable

# Two digits of patience for a writer that waits for another: a checkpoint or a migration takes seconds.
_BUSY_S = 15.0
# Any number will do, as long as all writers of one database take the same.
_WRITERS_LOCK = 0x6C6F616E


def connect(url: str, durable: bool = True, patience_s: float = _BUSY_S) -> Engine:
    """Return an engine for a database; nothing is connected yet.

    durable: whether a commit is on disk before it returns. What can be read again from a topic need not be: rows and
    positions are one transaction, so a power failure in SQLite takes back both. PostgreSQL's commits always wait.
    Raises SettingsError for an address that names no database we know.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise SettingsError(
                f"the ledger knows SQLite and PostgreSQL, not {parsed.get_backend_name()}: DATABASE_URL"
            )
        if parsed.get_backend_name() == "sqlite":
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(parsed, connect_args={"timeout": patience_s, "check_same_thread": False})
            _as_sqlite_should(engine, durable)
            return engine
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be made ({error.strerror}): LOANSTREAM_LEDGER_HOME") from None
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(f"DATABASE_URL cannot be used ({error}); postgresql://user:password@host/name") from None


def _as_sqlite_should(engine: Engine, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by us, or BEGIN IMMEDIATE could not be said
        for pragma in (
            "page_size=16384",  # blobs of 3 kB leave a third of a smaller page empty; only a new file takes it
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "cache_size=-65536",
            "journal_size_limit=268435456",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turned writer halfway would be refused at once where another wrote meanwhile.
        writes = connection.get_execution_options().get("ledger_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def writing(engine: Engine, alone: bool = True) -> Iterator[Connection]:
    """A transaction that writes; raises LedgerUnavailable where it cannot be.

    alone: one such at a time in PostgreSQL, as numbering without gaps needs. In SQLite there is never more than one.
    """
    with translated(), engine.connect().execution_options(ledger_writes=True) as connection, connection.begin():
        if alone and connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})"))
        yield connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one state of the database; raises LedgerUnavailable where it cannot be."""
    with translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the drivers' errors into ours, in one line."""
    try:
        yield
    except DBAPIError as error:
        kind = type(error.orig).__name__ if error.orig is not None else type(error).__name__
        what = str(error.orig or error).strip().splitlines()[0][:200]
        raise LedgerUnavailable(f"the ledger's database did not do it ({kind}: {what})") from error


def now_ms() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
