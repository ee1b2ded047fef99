"""Keys in a database of their own: a small SQLite file, or PostgreSQL where several machines seal.

Destroying a key has to reach further than DELETE does. SQLite keeps deleted rows in free parts of pages and in its
write-ahead log, PostgreSQL as dead rows until a vacuum. So after the delete the table is written anew as a whole: by
VACUUM and a truncating checkpoint there, by VACUUM FULL here. It is small, about 150 bytes a client. PostgreSQL's own
write-ahead log and its archive keep old pages until they are recycled: how long is the operator's setting, which
docs/privacy.md names.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from credit.errors import SettingsError
from ledger.errors import LedgerUnavailable
from ledger.vault.vault import ClientKey

METADATA = MetaData()
client_keys = Table(
    "client_keys",
    METADATA,
    Column("lookup", LargeBinary(16), primary_key=True),
    Column("name", LargeBinary(16), nullable=False, unique=True),
    Column("wrapped", LargeBinary(64), nullable=False),
    sqlite_with_rowid=False,
)
# That a client was erased and when; the lookup says nothing without the master key.
erasures = Table(
    "erasures",
    METADATA,
    Column("lookup", LargeBinary(16), primary_key=True),
    Column("erased_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
vault_secrets = Table(
    "vault_secrets",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("wrapped", LargeBinary(64), nullable=False),
    sqlite_with_rowid=False,
)

_AT_ONCE = 1000
_BUSY_S = 30.0


class KeysNotOverwritten(LedgerUnavailable):
    """The key is deleted, but a file may still hold it: something else holds the key store. Erase the client again."""


def open_key_store(url: str) -> SqlKeyStore:
    """Return the key store at `sqlite:///path` or `postgresql+psycopg://...`, made where it is not there yet.

    Raises SettingsError for an address that cannot be used and LedgerUnavailable where nobody answers.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise SettingsError(f"keys are kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()}")
        if parsed.get_backend_name() == "sqlite":
            path = Path(parsed.database or "")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            engine = create_engine(parsed, connect_args={"timeout": _BUSY_S, "check_same_thread": False})
            event.listen(engine, "connect", _as_a_key_store_should)
        else:
            engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ArgumentError, OSError) as error:
        raise SettingsError(f"the key store's address cannot be used ({error})") from None
    with _translated():
        METADATA.create_all(engine)
    return SqlKeyStore(engine)


def _as_a_key_store_should(connection: Any, _: Any) -> None:
    # A key that is lost with the power is a row that nobody can open: each commit waits for the disk.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


class SqlKeyStore:
    """A `ledger.vault.vault.KeyStore` over SQLAlchemy; `open_key_store` makes one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert

    def by_lookup(self, lookups: Sequence[bytes]) -> Mapping[bytes, ClientKey]:
        return {key.lookup: key for key in self._keys_where(client_keys.c.lookup, lookups)}

    def by_name(self, names: Sequence[bytes]) -> Mapping[bytes, ClientKey]:
        return {key.name: key for key in self._keys_where(client_keys.c.name, names)}

    def add(self, keys: Sequence[ClientKey]) -> None:
        rows = [{"lookup": key.lookup, "name": key.name, "wrapped": key.wrapped} for key in keys]
        with self._writing() as connection:
            connection.execute(self._insert(client_keys).on_conflict_do_nothing(), rows)

    def replace_wrapped(self, keys: Sequence[ClientKey]) -> None:
        statement = (
            update(client_keys)
            .where(client_keys.c.lookup == bindparam("at"), client_keys.c.name == bindparam("named"))
            .values(wrapped=bindparam("anew"))
        )
        with self._writing() as connection:
            connection.execute(statement, [{"at": k.lookup, "named": k.name, "anew": k.wrapped} for k in keys])

    def all_keys(self, after: bytes, limit: int) -> Sequence[ClientKey]:
        statement = select(client_keys).where(client_keys.c.lookup > after).order_by(client_keys.c.lookup).limit(limit)
        with self._reading() as connection:
            return [ClientKey(*row) for row in connection.execute(statement)]

    def destroy(self, lookups: Sequence[bytes], at_ms: int) -> int:
        insert = self._insert(erasures)
        noted = insert.on_conflict_do_update(index_elements=["lookup"], set_={"erased_ms": insert.excluded.erased_ms})
        with self._writing() as connection:
            found = connection.execute(delete(client_keys).where(client_keys.c.lookup.in_(lookups))).rowcount
            connection.execute(noted, [{"lookup": lookup, "erased_ms": at_ms} for lookup in lookups])
        # Also where nothing was found: an earlier erasure may have been cut short before its overwriting.
        self._overwrite()
        return found

    def erased(self, lookups: Sequence[bytes]) -> Mapping[bytes, int]:
        found: dict[bytes, int] = {}
        with self._reading() as connection:
            for at in range(0, len(lookups), _AT_ONCE):
                some = list(lookups[at : at + _AT_ONCE])
                rows = connection.execute(select(erasures).where(erasures.c.lookup.in_(some)))
                found |= {row.lookup: row.erased_ms for row in rows}
        return found

    def secret(self, name: str, made: bytes) -> bytes:
        with self._writing() as connection:
            insert = self._insert(vault_secrets).on_conflict_do_nothing()
            connection.execute(insert, {"name": name, "wrapped": made})
            wrapped: bytes = connection.execute(
                select(vault_secrets.c.wrapped).where(vault_secrets.c.name == name)
            ).scalar_one()
        return wrapped

    def replace_secret(self, name: str, wrapped: bytes) -> None:
        with self._writing() as connection:
            connection.execute(update(vault_secrets).where(vault_secrets.c.name == name).values(wrapped=wrapped))
        self._overwrite()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _keys_where(self, column: Column[bytes], values: Sequence[bytes]) -> Iterator[ClientKey]:
        with self._reading() as connection:
            for at in range(0, len(values), _AT_ONCE):
                statement = select(client_keys).where(column.in_(list(values[at : at + _AT_ONCE])))
                yield from (ClientKey(*row) for row in connection.execute(statement))

    def _overwrite(self) -> None:
        """Write the tables anew, so that no file of the database holds what was deleted."""
        with _translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.dialect.name == "postgresql":
                for table in (client_keys, vault_secrets):
                    connection.execute(text(f"VACUUM FULL {table.name}"))
                # The table's old file is emptied only at a checkpoint, which comes by itself within minutes.
                return
            connection.execute(text("VACUUM"))
            blocked = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar_one()
        if blocked:
            raise KeysNotOverwritten("the key is deleted, but a reader holds the key store's old pages; erase again")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _translated(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _translated(), self._engine.begin() as connection:
            yield connection


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        what = str(error.orig or error).strip().splitlines()[0][:200]
        raise LedgerUnavailable(f"the key store did not answer ({what}); nothing was sealed or opened") from error
