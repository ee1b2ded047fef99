"""The model of some rows: features chosen by several draws, and boosters over seeds joined into one.

What a single seed moves, the mean of several does not. The members share the model's trees: each takes a part of the
rounds at a rate as many times as high, so that the joined model is as large and as quick as one booster would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from credit.application import FloatArray, IntArray
from training.fit.boosting import Binned, Booster, raw_scores, side_by_side
from training.fit.join import join
from training.fit.rejects import Score, with_rejects
from training.fit.select import FeatureVerdict, SelectionDraw, choose_features, draw_selection
from training.progress import StepProgress
from training.settings import TrainingSettings

_SEED_LIMIT = 2**31


@dataclass(frozen=True)
class RowsFit:
    """A booster, the candidates' columns it reads, and why the others were left."""

    booster: Booster
    columns: IntArray
    verdicts: tuple[FeatureVerdict, ...]


def member_seed(seed: int, *parts: int) -> int:
    """Return a seed of its own for a part of a run; runs of neighbouring seeds share none."""
    return int(np.random.SeedSequence([seed, *parts]).generate_state(1)[0] % _SEED_LIMIT)


def fit_joined(
    X: FloatArray,
    y: FloatArray,
    features: Sequence[str],
    settings: TrainingSettings,
    seed: int,
    weight: FloatArray | None = None,
) -> Booster:
    """Fit as many members as the settings ask for, one where they leave it open, and join them; takes one thread."""
    members = max(settings.members, 1)
    binned = Binned(X, y, features, weight)
    trees = _shares(settings.trees, members)
    boosters = [
        binned.fit(
            settings,
            member_seed(seed, member),
            trees=rounds,
            learning_rate=settings.learning_rate * members,
        )
        for member, rounds in enumerate(trees)
    ]
    return join(boosters, [range(len(features))] * members, features)


def fit_rows(
    X: FloatArray,
    y: FloatArray,
    features: Sequence[str],
    settings: TrainingSettings,
    seed: int,
    rejects: FloatArray | None = None,
) -> Booster:
    """Fit the joined members, by the settings' reject inference where there are rejects, float64[m, f]."""
    if rejects is None or settings.reject_inference == "none":
        return fit_joined(X, y, features, settings, seed)

    def fit(part: FloatArray, labels: FloatArray) -> Score:
        booster = fit_joined(part, labels, features, settings, member_seed(seed, 0, 1))
        return lambda rows: 1 / (1 + np.exp(-raw_scores(booster, rows)))

    rows = with_rejects(
        X,
        y,
        rejects,
        settings.reject_inference,
        fit,
        uplift=settings.reject_uplift,
        bands=settings.reject_bands,
        seed=member_seed(seed, 0, 2),
    )
    return fit_joined(rows.X, rows.y, features, settings, seed, rows.weight)


def _shares(trees: int, members: int) -> list[int]:
    """Return how many of the trees each member grows, at least one."""
    return [max(len(part), 1) for part in np.array_split(np.arange(trees), members)]


def fit_parts(
    X: FloatArray,
    y: FloatArray,
    candidates: tuple[str, ...],
    settings: TrainingSettings,
    seed: int,
    parts: Sequence[IntArray],
    progress: StepProgress,
    rejects: FloatArray | None = None,
) -> list[RowsFit]:
    """For each part of the rows, select on these rows alone and fit on them with what was selected.

    X: float64[n, candidates]; parts: row numbers; rejects: float64[m, candidates], rows of unknown outcome that every
    part's fit learns from as the settings say. All draws of all parts run side by side, then all fits.
    """
    chosen = _selected(X, y, candidates, settings, seed, parts, progress)

    def fit(part: int) -> RowsFit:
        columns, verdicts = chosen[part]
        rows = np.ascontiguousarray(X[np.ix_(parts[part], columns)])
        names = [candidates[i] for i in columns]
        unknown = None if rejects is None else np.ascontiguousarray(rejects[:, columns])
        booster = fit_rows(rows, y[parts[part]], names, settings, member_seed(seed, part, 1), unknown)
        return RowsFit(booster, columns, verdicts)

    jobs = [partial(fit, part) for part in range(len(parts))]
    return side_by_side(jobs, settings.threads, lambda done: progress("fitting", done / len(jobs)))


_Chosen = tuple[IntArray, tuple[FeatureVerdict, ...]]


def _selected(
    X: FloatArray,
    y: FloatArray,
    candidates: tuple[str, ...],
    settings: TrainingSettings,
    seed: int,
    parts: Sequence[IntArray],
    progress: StepProgress,
) -> list[_Chosen]:
    """Return the columns that are kept for each part, and the verdicts on all."""
    if not settings.select:
        return [(np.arange(len(candidates)), ())] * len(parts)

    def draw(part: int, k: int) -> SelectionDraw:
        rows = parts[part]
        return draw_selection(X[rows], y[rows], candidates, settings, member_seed(seed, part, 0), k)

    plan = [(part, k) for part in range(len(parts)) for k in range(max(settings.draws, 1))]
    jobs = [partial(draw, part, k) for part, k in plan]
    found = side_by_side(jobs, settings.threads, lambda done: progress("selecting features", done / len(jobs)))
    result: list[_Chosen] = []
    for part, rows in enumerate(parts):
        own = [made for made, (of, _) in zip(found, plan, strict=True) if of == part]
        selection = choose_features(X[rows], candidates, own, settings, member_seed(seed, part, 0))
        kept = set(selection.kept)
        columns = np.array([i for i, name in enumerate(candidates) if name in kept], dtype=np.int64)
        result.append((columns, selection.verdicts))
    return result
