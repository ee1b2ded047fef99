"""The gauges of an overview; the full detail of every feature for few windows, to keep series bounded."""

from __future__ import annotations

import numpy as np

from credit.application import FloatArray
from credit.policy import Outcome
from monitoring import metrics as m
from monitoring.drift.cells import MAX_BINS, MISSING, UNKNOWN
from monitoring.drift.feature_drift import drifted_share
from monitoring.drift.reference import Reference
from monitoring.exposition import GaugeSamples
from monitoring.windows.comparison import WindowComparison
from monitoring.windows.overview import Overview, WindowView

SIDES = ("for", "against")
DETAIL = "medium"
LONGEST = "long"
# The window that alerts on single features look at.
ALERTED = "short"


def overview_gauges(overview: Overview, subject_codes: tuple[str, ...]) -> GaugeSamples:
    """Return name -> (labels, value) pairs; `subject_codes` are the reasons' stable codes by place."""
    samples: GaugeSamples = {}

    def put(name: str, value: float, **labels: str) -> None:
        samples.setdefault(name, []).append((labels, float(value)))

    for name, counts in overview.decided.items():
        for version, n in counts.items():
            put(m.WINDOW_N, n, window=name, model_version=version)
        put(m.WINDOW_VERSIONS, sum(n > 0 for n in counts.values()), window=name)
    for name, view in overview.windows.items():
        put(m.WINDOW_S, view.window.length_s, window=name)
        put(m.APPROVAL_BEFORE, view.earlier_approval, window=name)
        for outcome in Outcome:
            share = view.outcomes[outcome].sum() / view.n if view.n else float("nan")
            put(m.WINDOW_OUTCOME, share, window=name, outcome=outcome.word)
        for against, comparison in (("training", view.training), ("earlier", view.earlier)):
            if comparison is not None and view.n:
                _compared(samples, view, comparison, against, overview.leading)
        if name == DETAIL:
            _reasons(samples, view, subject_codes)
            _groups(samples, view, overview.leading)
    return samples


def _compared(
    samples: GaugeSamples,
    view: WindowView,
    comparison: WindowComparison,
    against: str,
    reference: Reference | None,
) -> None:
    window = view.window.name
    labels = {"window": window, "against": against}

    def put(name: str, value: float, **more: str) -> None:
        samples.setdefault(name, []).append(({**labels, **more}, float(value)))

    put(m.SCORE_PSI, comparison.score_psi)
    put(m.SCORE_JS, comparison.score_js)
    put(m.DRIFTED, drifted_share(comparison.drift))
    for place, side in enumerate(SIDES):
        put(m.REASON_PSI, comparison.reason_psi[place], side=side)
        put(m.REASON_JS, comparison.reason_js[place], side=side)
    if reference is None or (against == "earlier" and window != LONGEST):
        return
    names, drift = reference.bins.names, comparison.drift

    def each(metric: str, values: FloatArray, columns: list[int] | None = None) -> None:
        chosen = range(len(names)) if columns is None else columns
        held = samples.setdefault(metric, [])
        held.extend(({**labels, "feature": names[j]}, float(values[j])) for j in chosen)

    each(m.FEATURE_PSI, drift.psi)
    if against == "training":
        each(m.MISSING_SHIFT, drift.missing_shift)
    if against == "training" and window == ALERTED:
        each(m.FEATURE_VALUES, drift.values.astype(np.float64))
    if against == "training" and window == DETAIL:
        each(m.FEATURE_JS, drift.js)
        each(m.OUT_OF_RANGE, drift.out_of_range, reference.bins.numeric.tolist())
        each(m.UNKNOWN, drift.unknown, list(reference.bins.code_bin))


def _reasons(samples: GaugeSamples, view: WindowView, codes: tuple[str, ...]) -> None:
    held = samples.setdefault(m.REASON_SHARE, [])
    for place, side in enumerate(SIDES):
        given = view.reasons[place]
        total = max(int(given.sum()), 1)
        held.extend(
            ({"window": view.window.name, "side": side, "reason": code}, float(given[s] / total))
            for s, code in enumerate(codes)
        )


def _groups(samples: GaugeSamples, view: WindowView, reference: Reference | None) -> None:
    if reference is None:
        return
    held = samples.setdefault(m.GROUP_APPROVAL, [])
    for place, column in enumerate(reference.groups):
        name = reference.bins.names[column]
        for cell, group in enumerate(group_names(reference, column)):
            counts = view.groups[place, cell]
            if counts.sum():
                labels = {"window": view.window.name, "feature": name, "group": group}
                held.append((labels, float(counts[Outcome.APPROVE] / counts.sum())))


def group_names(reference: Reference, column: int) -> list[str]:
    """Name the cells of a protected feature: its codes (rare ones together), or a number's upper ends."""
    from credit.features import CATALOG

    bins = reference.bins
    if column not in bins.code_bin:
        ends = bins.edges[column][np.isfinite(bins.edges[column])]
        names = [f"to {end:g}" for end in ends] + ["above"]
    else:
        codes = CATALOG[bins.names[column]].codes
        bin_of = bins.code_bin[column]
        names = [
            ", ".join(code for code, place in zip(codes, bin_of, strict=True) if place == b)
            for b in range(int(bin_of.max()) + 1)
        ]
    return [
        *names,
        *[""] * (MAX_BINS - len(names)),
        *("unknown" if c == UNKNOWN else "missing" for c in (UNKNOWN, MISSING)),
    ]
