"""The same path without Ray, in this process, with one pinned model: for replay, rehearsal and repair."""

from __future__ import annotations

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.features import CATALOG
from feature_store.store import FeatureStore
from serve_app.models.shelf import ModelShelf, VersionSource
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.explainer import Explainer
from serve_app.steps.in_process import InProcessSteps, finish
from serve_app.steps.lookup import Lookup


class PinnedSource:
    """One version of a source, whatever its alias names meanwhile."""

    def __init__(self, source: VersionSource, version: str) -> None:
        self._version = version
        self.folder = source.folder

    def current(self) -> str:
        return self._version


class LocalGraph:
    """Lookup, scorer, explainer and the path as plain calls; decides what the Serve graph would, to the bit.

    Loads the model at once: raises DependencyUnavailable, ModelNotFound or ModelRefused.
    """

    def __init__(self, source: VersionSource, store: FeatureStore) -> None:
        shelf = ModelShelf(source)
        shelf.refresh()
        steps = InProcessSteps(Lookup(store), shelf, Explainer(shelf))
        self._path = DecisionPath(steps, len(CATALOG.history_names))

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications; blocks until done."""
        return finish(self._path.decide(batch))
