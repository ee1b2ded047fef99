"""Deciding stored receipts again with the real models: what `loanstream verify` gives the ledger's verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from credit.application import FloatArray
from credit.decision import Mode
from credit.errors import ModelNotFound
from credit.features import CATALOG
from credit.policy import Outcome
from ledger.transparency.recompute import DecidedBy, Recomputed
from serve_app.models.shelf import ModelShelf
from serve_app.steps.explainer import Explainer

if TYPE_CHECKING:
    from loanstream.stack.surroundings import Place
    from serve_app.models.loaded_model import LoadedModel

_CODES = tuple(subject.code for subject in CATALOG.subjects.values())
_MODES = {mode.word: mode for mode in Mode}


class DecidedAgain:
    """A `ledger.transparency.recompute.Recompute` over the models of a registry.

    The features are what the booster read, so lookup and assembly are not repeated; score, calibration, policy and
    exact reasons are, by the same code that the graph runs.
    """

    def __init__(self, shelf: ModelShelf) -> None:
        self._shelf = shelf
        self._explainer = Explainer(shelf)

    def decide(
        self, decided_by: DecidedBy, features: FloatArray, outcomes: Sequence[str], modes: Sequence[str]
    ) -> Recomputed:
        model = self._model(decided_by)
        X = np.ascontiguousarray(features)
        raw = model.raw(X)
        probability = model.manifest.calibration.probability(raw)
        outcome = model.manifest.policy.outcomes(probability)
        stored_refer = np.array([word == Outcome.REFER.word for word in outcomes])
        mode = np.array([_MODES[word] for word in modes], dtype=np.int8)
        no_history = (mode & Mode.HISTORY_UNAVAILABLE) != 0
        no_reasons = (mode & Mode.REASONS_UNAVAILABLE) != 0
        # Without history or reasons a setting may have said to refer; the receipt shows that it did.
        outcome[no_history & stored_refer] = Outcome.REFER
        explained = self._explainer.explain(decided_by.version, X, raw, outcome)
        reasons = explained.reasons
        reasons.subject[no_reasons] = reasons.feature[no_reasons] = -1
        reasons.share[no_reasons] = 0.0
        contributions = explained.contributions.astype(np.float32)
        contributions[no_reasons] = np.nan
        outcome[no_reasons & stored_refer] = Outcome.REFER
        outcome[(outcome == Outcome.DECLINE) & (reasons.subject[:, 0] < 0)] = Outcome.REFER
        words = {int(each): each.word for each in Outcome}
        return Recomputed(
            raw=raw,
            probability=probability,
            points=model.manifest.scorecard.points(probability),
            outcomes=[words[number] for number in outcome.tolist()],
            reasons=[tuple(_CODES[s] for s in subjects if s >= 0) for subjects in reasons.subject.tolist()],
            reason_feature=reasons.feature,
            reason_share=reasons.share.astype(np.float32),
            contributions=contributions,
            expected_value=explained.expected_value,
        )

    def _model(self, decided_by: DecidedBy) -> LoadedModel:
        model = self._shelf.get(decided_by.version)
        ref = model.ref
        if (ref.digest, ref.policy.digest) != (decided_by.model_digest, decided_by.policy_digest):
            raise ModelNotFound(
                f"version {decided_by.version} of {decided_by.name} is not the model and policy that decided; "
                "register the one that did, or name its registry"
            )
        return model


def decided_again(place: Place) -> DecidedAgain:
    """Return it over the registry of a place."""
    from loanstream.local_graph import MODEL
    from serve_app.models.sources import MlflowSource

    return DecidedAgain(ModelShelf(MlflowSource(place.tracking_uri, MODEL, "champion")))
