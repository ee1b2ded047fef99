"""The registered versions and what became of them: figures, promotions with their gates, rehearsals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from registered_model.version_history import PROMOTED_AT, gates_of, rehearsals_of
from serve_app.models.registered_versions import VersionList

# `training` leaves these where a promotion was forced.
_FORCED = {"reason": "forced_reason", "by": "forced_by", "at": "forced_at", "gates": "forced_gates"}


def versions(known: VersionList) -> list[dict[str, Any]]:
    """Return all versions, newest first; raises DependencyUnavailable where the registry does not answer."""
    return [
        {
            "version": one.version,
            "aliases": list(one.aliases),
            "created_at": datetime.fromtimestamp(one.created_ms / 1000, UTC).isoformat(timespec="seconds"),
            "digest": one.tags.get("digest"),
            "measures": one.figures,
            "promoted_at": one.tags.get(PROMOTED_AT),
            "gates": [gate.model_dump() for gate in gates_of(one.tags)],
            "forced": {name: one.tags.get(tag) for name, tag in _FORCED.items()} if _FORCED["at"] in one.tags else None,
            "rehearsals": [rehearsal.model_dump(mode="json") for rehearsal in rehearsals_of(one.tags)],
        }
        for one in known.registered()
    ]
