"""Which decisions the register names already."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, text

_SQLITE = text("SELECT decision_id FROM register WHERE decision_id IN (SELECT value FROM json_each(:ids))")
_POSTGRESQL = text("SELECT decision_id::text FROM register WHERE decision_id = ANY(CAST(:ids AS uuid[]))")


def known_ids(connection: Connection, decision_ids: Sequence[str]) -> set[str]:
    """Return those of the ids that were stored before."""
    if not decision_ids:
        return set()
    if connection.dialect.name == "postgresql":
        return set(connection.execute(_POSTGRESQL, {"ids": list(decision_ids)}).scalars())
    return set(connection.execute(_SQLITE, {"ids": json.dumps(list(decision_ids))}).scalars())
