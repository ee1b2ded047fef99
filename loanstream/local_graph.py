"""The decision path in this process, with the model and the features of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loanstream.stack.surroundings import Place
    from serve_app.steps.local_graph import LocalGraph

MODEL = "loanstream"


def local_graph(place: Place, model: str) -> LocalGraph:
    """Return the path with one model, a version or an alias; raises ModelNotFound or ModelRefused."""
    from credit.features import CATALOG
    from feature_store.store import open_store
    from serve_app.models.sources import MlflowSource
    from serve_app.steps.local_graph import LocalGraph, PinnedSource
    from training.registry.registry import Registry

    home = place.home
    artifacts = home.artifacts if place.around.tracking_uri is None else None
    version = Registry(place.tracking_uri, artifacts).get(MODEL, model).version
    source = PinnedSource(MlflowSource(place.tracking_uri, MODEL, "champion"), version)
    store = open_store(home.features, place.redis_url, CATALOG.history_hash, len(CATALOG.history_names))
    return LocalGraph(source, store)
