"""Materialisation into whichever store the surroundings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def materialize_into(data: Path, env: Mapping[str, str], report: Callable[[str, float], None]) -> dict[str, Any]:
    """Write what is known of every client into Redis if REDIS_URL is set in `env`, else into the home's LMDB."""
    from feature_store.store import open_writer
    from training.store.materialize import materialize

    redis_url = env.get("REDIS_URL")
    store = open_writer(Path(env["LOANSTREAM_FEATURE_STORE"]), redis_url)
    done = materialize(data, store, progress=report)
    return {
        "clients": done.meta.clients,
        "applications": done.meta.applications,
        "unchanged": done.unchanged,
        "store": "Redis" if redis_url else "LMDB",
    }
