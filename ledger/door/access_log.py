"""Who looked at which client's data, and when: written before the answer goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Row, select

from ledger.review.actor import Actor
from ledger.store.engine import connect, now_ms, reading, writing
from ledger.store.migrate import upgrade
from ledger.store.tables import access_log


class AccessLog:
    """The log's table. In SQLite it has a file of its own, so that a reader never waits for the sink's transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def beside(cls, engine: Engine) -> AccessLog:
        """Return the log that belongs to a ledger's database, made where there is none."""
        url = engine.url
        if url.get_backend_name() != "sqlite":
            return cls(engine)
        assert url.database is not None
        beside = connect(f"sqlite:///{url.database.removesuffix('.db')}-access.db")
        upgrade(beside)
        return cls(beside)

    def note(self, actor: Actor, action: str, client: bytes | None, decision_id: str | None, detail: str = "") -> None:
        """Write one access, with what a person is called as the token says it.

        Raises LedgerUnavailable where that cannot be, and then nothing may be shown.
        """
        with writing(self._engine, alone=False) as connection:
            connection.execute(
                access_log.insert().values(
                    at_ms=now_ms(),
                    actor=actor.signature,
                    action=action,
                    client=client,
                    decision_id=decision_id,
                    detail=detail[:500],
                )
            )

    def read(self, client: bytes | None, before_id: int | None, limit: int) -> Sequence[Row[Any]]:
        """Return accesses, newest first: to one client's data, or all."""
        c = access_log.c
        found = select(access_log).order_by(c.access_id.desc()).limit(limit)
        if client is not None:
            found = found.where(c.client == client)
        if before_id is not None:
            found = found.where(c.access_id < before_id)
        with reading(self._engine) as connection:
            return connection.execute(found).all()
