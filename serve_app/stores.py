"""The online store that the settings name."""

from __future__ import annotations

from credit.features import CATALOG
from feature_store.store import OnlineStore, open_store
from serve_app.settings import ServingSettings


def configured_store(settings: ServingSettings) -> OnlineStore:
    """Return the store of this catalog's features: Redis where a URL is set, the embedded one else."""
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    return open_store(settings.feature_store, url, CATALOG.history_hash, len(CATALOG.history_names))
