"""Gauges of performance: realised on matured cohorts, estimated on the same decisions and on the windows of now."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from credit.policy import Policy
from monitoring import metrics as m
from monitoring.exposition import GaugeSamples
from monitoring.outcomes.label_store import LabelStore
from monitoring.outcomes.performance import Performance, band_names, band_rates, estimate, evaluate
from monitoring.windows.layout import grid_probability
from monitoring.windows.overview import Overview

MATURED = "matured"


@dataclass(frozen=True)
class OutcomeEvaluation:
    """What outcomes say of the leading version: realised and estimated on matured cohorts, estimated on each window.

    cohorts: (start of the cohort in ms, realised, estimated), oldest first; decisions, known: matured ones, and those
    of them with an outcome.
    """

    realised: Performance | None = None
    estimated: Performance | None = None
    windows: dict[str, Performance] = field(default_factory=dict)
    cohorts: list[tuple[int, Performance, Performance]] = field(default_factory=list)
    bands: list[tuple[str, int, float, float]] = field(default_factory=list)
    decisions: int = 0
    known: int = 0


def evaluate_outcomes(
    overview: Overview, store: LabelStore | None, maturity_ms: int, cohort_ms: int, policy: Policy | None
) -> OutcomeEvaluation:
    """Evaluate the leading version of an overview; what needs a policy or a store is left out where there is none."""
    if overview.leading is None or policy is None:
        return OutcomeEvaluation()
    middle = grid_probability()
    windows = {name: estimate(middle, policy, view.grid) for name, view in overview.windows.items() if view.n}
    if store is None:
        return OutcomeEvaluation(windows=windows)
    version = overview.leading.version
    before = store.matured_before(maturity_ms, cohort_ms)
    decisions, known = store.counts(version, before)
    held = store.labelled(version, before)
    if not len(held.probability):
        return OutcomeEvaluation(windows=windows, decisions=decisions, known=known)
    realised_rates, n = band_rates(held.probability, held.defaulted)
    estimated_rates, _ = band_rates(held.probability, held.probability)
    names = band_names()
    bands = [(names[i], int(n[i]), float(realised_rates[i]), float(estimated_rates[i])) for i in range(len(names))]
    cohort_of = held.decided_ms // cohort_ms
    cohorts = []
    for cohort in np.unique(cohort_of):
        rows = cohort_of == cohort
        p, bad = held.probability[rows], held.defaulted[rows]
        cohorts.append((int(cohort) * cohort_ms, evaluate(p, bad, policy), estimate(p, policy)))
    return OutcomeEvaluation(
        evaluate(held.probability, held.defaulted, policy),
        estimate(held.probability, policy),
        windows,
        cohorts,
        bands,
        decisions,
        known,
    )


def performance_gauges(evaluation: OutcomeEvaluation) -> GaugeSamples:
    """Return name -> (labels, value) pairs."""
    samples: GaugeSamples = {
        m.LABELLED: [({"state": "matured"}, float(evaluation.decisions)), ({"state": "known"}, float(evaluation.known))]
    }
    measured, costs = samples.setdefault(m.PERFORMANCE, []), samples.setdefault(m.COST_PER_CLIENT, [])

    def put(performance: Performance | None, kind: str, sample: str) -> None:
        if performance is None:
            return
        labels = {"kind": kind, "sample": sample}
        measures = performance.measures()
        # What has a unit stands apart: no query may add a cost to a ratio.
        costs.append((labels, measures.pop("cost_per_client")))
        measured.extend(({"measure": measure, **labels}, value) for measure, value in measures.items())

    put(evaluation.realised, "realised", MATURED)
    put(evaluation.estimated, "estimated", MATURED)
    for window, performance in evaluation.windows.items():
        put(performance, "estimated", window)
    bands = samples.setdefault(m.BAND_DEFAULTS, [])
    for name, _, realised, estimated in evaluation.bands:
        bands += [({"band": name, "kind": "realised"}, realised), ({"band": name, "kind": "estimated"}, estimated)]
    return samples
