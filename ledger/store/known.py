"""Which decisions the register names already."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

_SQLITE = text("SELECT decision_id FROM register WHERE decision_id IN (SELECT value FROM json_each(:ids))")
_POSTGRESQL = text("SELECT decision_id::text FROM register WHERE decision_id = ANY(CAST(:ids AS uuid[]))")

_ROWS_SQLITE = text(
    "SELECT seq, decision_id, decided_ms FROM register WHERE decision_id IN (SELECT value FROM json_each(:ids))"
)
_ROWS_POSTGRESQL = text(
    "SELECT seq, decision_id::text AS decision_id, decided_ms FROM register "
    "WHERE decision_id = ANY(CAST(:ids AS uuid[]))"
)


def registered(connection: Connection, decision_ids: Sequence[str]) -> list[Row[Any]]:
    """Return number, id and time (`seq`, `decision_id`, `decided_ms`) of those of the ids that were stored."""
    if not decision_ids:
        return []
    if connection.dialect.name == "postgresql":
        return list(connection.execute(_ROWS_POSTGRESQL, {"ids": list(decision_ids)}))
    return list(connection.execute(_ROWS_SQLITE, {"ids": json.dumps(list(decision_ids))}))


def known_ids(connection: Connection, decision_ids: Sequence[str]) -> set[str]:
    """Return those of the ids that were stored before."""
    if not decision_ids:
        return set()
    if connection.dialect.name == "postgresql":
        return set(connection.execute(_POSTGRESQL, {"ids": list(decision_ids)}).scalars())
    return set(connection.execute(_SQLITE, {"ids": json.dumps(list(decision_ids))}).scalars())
