"""What a challenger would have decided on applications that were."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from credit.features import assemble
from credit.wire.shadow import ShadowRecord
from feature_store.store import FeatureStore
from serve_app.models.shelf import ModelShelf
from serve_app.shadow.queue import ShadowBatch


class ShadowScorer:
    """Scores applications as the challenger would, history included; needs no reasons, for nobody is given them."""

    def __init__(self, shelf: ModelShelf, store: FeatureStore) -> None:
        self._shelf, self._store = shelf, store

    def score(self, batch: ShadowBatch) -> ShadowRecord:
        """Return the challenger's answers; raises NotReady without a challenger, DependencyUnavailable of the store."""
        model = self._shelf.current
        history, _ = self._store.history(batch.applications.client_ids)
        X = model.features(assemble(batch.applications.values, history))
        probability = model.manifest.calibration.probability(model.raw(X))
        ref = model.ref
        outcome: npt.NDArray[np.int8] = ref.policy.outcomes(probability)
        return ShadowRecord(
            ref.name, ref.version, ref.digest, ref.policy, batch.decision_ids, batch.decided_ms, probability, outcome
        )
