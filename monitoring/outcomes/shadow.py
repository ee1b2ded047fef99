"""A challenger compared with the champion on the same applications: who swaps, how scores lie, what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from credit.measures import psi
from credit.policy import Policy
from credit.wire.shadow import ShadowRecord, decode_shadow
from monitoring import metrics as m
from monitoring.drift.bins import build_bins
from monitoring.drift.cells import MAX_BINS
from monitoring.exposition import GaugeSamples, MonitorMetrics
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.swap import SwapSet, swap


@dataclass(frozen=True, slots=True)
class ChallengerComparison:
    """The challenger's standing: its version, what swaps on all compared, what it costs where outcomes are known.

    score_psi: PSI of the challenger's scores against the champion's on the same applications; known: the comparison on
    those with an outcome, its costs at the champion's approval rate.
    """

    version: str
    all: SwapSet
    known: SwapSet
    score_psi: float

    def measures(self) -> list[tuple[str, float]]:
        """Return (name, value) pairs for the page."""
        return [
            ("compared", float(self.all.n)),
            ("swapped_in", self.all.swapped_in),
            ("swapped_out", self.all.swapped_out),
            ("score_psi", self.score_psi),
            ("known", float(self.known.n)),
            ("champion_cost", self.known.cost),
            ("challenger_cost", self.known.challenger_cost),
        ]


class ShadowBook:
    """Takes shadow records into the store and compares on demand."""

    def __init__(self, store: LabelStore, metrics: MonitorMetrics) -> None:
        self._store, self._metrics = store, metrics
        self.version = ""
        self._policy: Policy | None = None

    def add(self, values: Sequence[bytes | None], offsets: dict[str, int]) -> None:
        """Keep records and the offsets to go on from; what cannot be read is counted and passed over."""
        rows: list[tuple[str, str, int, float]] = []
        for value in values:
            try:
                record = decode_shadow(value or b"")
            except ValueError:
                self._metrics.bad_shadows.inc()
                continue
            rows += _rows(record)
            self.version, self._policy = record.version, record.policy
        self._store.add_shadows(rows, offsets)

    def compare(self, policy_of: Callable[[str], Policy | None]) -> ChallengerComparison | None:
        """Compare the newest challenger with the version that decided last; None while there is nothing to compare.

        policy_of: the policy of a version by which its decisions were taken, None where it is not known.
        """
        if self._policy is None:
            return None
        pairs = self._store.shadowed(self.version)
        policy = None if pairs is None else policy_of(pairs.champion_version)
        if pairs is None or policy is None:
            return None
        champion, challenger, label = pairs.champion, pairs.challenger, pairs.defaulted
        bins = build_bins(("score",), champion[:, None], {})
        then, now = bins.count(champion[:, None]), bins.count(challenger[:, None])
        known = ~np.isnan(label)
        return ChallengerComparison(
            self.version,
            swap(champion, challenger, policy, self._policy, None),
            swap(champion[known], challenger[known], policy, self._policy, label[known]),
            float(psi(then[:, :MAX_BINS], now[:, :MAX_BINS])[0]),
        )


def _rows(record: ShadowRecord) -> list[tuple[str, str, int, float]]:
    n = len(record)
    columns = (record.decision_ids, [record.version] * n, record.decided_ms.tolist(), record.probability.tolist())
    return list(zip(*columns, strict=True))


def shadow_gauges(challenge: ChallengerComparison | None) -> GaugeSamples:
    """Return name -> (labels, value) pairs."""
    if challenge is None:
        return {}
    return {
        m.SHADOW_COMPARED: [({"state": "all"}, float(challenge.all.n)), ({"state": "known"}, float(challenge.known.n))],
        m.SHADOW_SWAPPED: [({"side": "in"}, challenge.all.swapped_in), ({"side": "out"}, challenge.all.swapped_out)],
        m.SHADOW_PSI: [({}, challenge.score_psi)],
        m.SHADOW_COST: [
            ({"model": "champion"}, challenge.known.cost),
            ({"model": "challenger"}, challenge.known.challenger_cost),
        ],
    }
