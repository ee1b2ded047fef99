"""What a challenger would have decided on applications that were."""

from __future__ import annotations

from credit.wire.shadow import ShadowRecord
from feature_store.store import FeatureStore
from serve_app.models.shelf import ModelShelf
from serve_app.shadow.queue import ShadowBatch
from serve_app.steps.scorer import score_batch


class ShadowScorer:
    """Scores applications as the challenger would, history included; needs no reasons, for nobody is given them."""

    def __init__(self, shelf: ModelShelf, store: FeatureStore) -> None:
        self._shelf, self._store = shelf, store

    def score(self, batch: ShadowBatch) -> ShadowRecord:
        """Return the challenger's answers; raises NotReady without a challenger, DependencyUnavailable of the store."""
        model = self._shelf.current
        history, _ = self._store.history(batch.applications.client_ids)
        scored = score_batch(model, batch.applications.values, history)
        ref = model.ref
        answers = (batch.decision_ids, batch.decided_ms, scored.probability, scored.outcome)
        return ShadowRecord(ref.name, ref.version, ref.digest, ref.policy, *answers)
