"""The model card's figures, drawn without a display."""

from __future__ import annotations

from typing import Any

import numpy as np

from credit.application import FloatArray
from credit.measures import calibration_curve, wilson_interval
from credit.policy import Costs
from training.documents.document import Plot, png
from training.fit.measures import cost_curve

_BLUE, _RED, _GREY = "#1f6fb2", "#c8452c", "#8a949e"
_BINS = 10


def _axes(count: int = 1, height: float = 3.6) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(5.2 * count, height))
    axes = [canvas.add_subplot(1, count, i + 1) for i in range(count)]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return canvas, axes


def curves(y: FloatArray, probability: FloatArray) -> Plot:
    """Draw ROC and precision against recall."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    canvas, (left, right) = _axes(2)
    false_rate, true_rate, _ = roc_curve(y, probability)
    left.plot(false_rate, true_rate, color=_BLUE)
    left.plot([0, 1], [0, 1], color=_GREY, linestyle=":")
    left.set(xlabel="Part of repayers declined", ylabel="Part of defaulters declined", title="ROC")
    precision, recall, _ = precision_recall_curve(y, probability)
    right.plot(recall, precision, color=_BLUE)
    right.axhline(y.mean(), color=_GREY, linestyle=":")
    right.set(xlabel="Recall", ylabel="Precision", title="Precision and recall", ylim=(0, None))
    return Plot("curves", "ROC and precision-recall curves, out of fold", png(canvas))


def calibration(y: FloatArray, probability: FloatArray) -> Plot:
    """Draw observed default rates against predicted ones, in tenths of the applicants."""
    canvas, (axis,) = _axes()
    predicted, observed, rows = calibration_curve(probability, y, _BINS)
    low, high = wilson_interval(observed * rows, rows)
    error = np.array([observed - low, high - observed])
    axis.errorbar(predicted, observed, yerr=error, fmt="o-", color=_BLUE, capsize=2)
    top = max(*predicted, *observed) * 1.1
    axis.plot([0, top], [0, top], color=_GREY, linestyle=":")
    axis.set(xlabel="Predicted probability of default", ylabel="Observed default rate", title="Calibration")
    return Plot("calibration", "Calibration in tenths of the applicants, out of fold, 95 % intervals", png(canvas))


def cost(y: FloatArray, probability: FloatArray, threshold: float, band: tuple[float, float], costs: Costs) -> Plot:
    """Draw the cost per client against the threshold, with the refer band."""
    canvas, (axis,) = _axes()
    thresholds, per_client = cost_curve(y, probability, costs)
    shown = thresholds <= np.quantile(probability, 0.995)
    axis.plot(thresholds[shown], per_client[shown], color=_BLUE)
    axis.axvline(threshold, color=_RED)
    axis.axvspan(*band, color=_RED, alpha=0.12)
    axis.set(xlabel="Threshold", ylabel="Cost per client", title="Cost against threshold")
    return Plot("cost", "Cost per client against the threshold; the refer band is shaded", png(canvas))


def distribution(y: FloatArray, points: FloatArray) -> Plot:
    """Draw the distribution of points among repayers and defaulters."""
    canvas, (axis,) = _axes()
    bins = np.linspace(float(points.min()), float(points.max()), 50)
    axis.hist(points[y == 0], bins=bins, density=True, color=_BLUE, alpha=0.6, label="repaid")
    axis.hist(points[y == 1], bins=bins, density=True, color=_RED, alpha=0.6, label="defaulted")
    axis.set(xlabel="Points", ylabel="Density", title="Score distribution")
    axis.legend(frameon=False)
    return Plot("distribution", "Points of repayers and defaulters, out of fold", png(canvas))


def importance(contributions: FloatArray, X: FloatArray, features: tuple[str, ...], shown: int = 20) -> list[Plot]:
    """Draw mean absolute contributions as bars, and single contributions as a beeswarm."""
    mean = np.abs(contributions).mean(axis=0)
    top = np.argsort(-mean, kind="stable")[:shown][::-1]
    names = [features[i] for i in top]
    canvas, (axis,) = _axes(height=6.0)
    axis.barh(names, mean[top], color=_BLUE)
    axis.set(xlabel="Mean |contribution| to the log-odds")
    bar = Plot("importance", "Global importance: mean absolute SHAP values", png(canvas))
    canvas, (axis,) = _axes(height=6.0)
    rng = np.random.default_rng(0)
    for place, i in enumerate(top):
        column = X[:, i]
        known = ~np.isnan(column)
        rank = np.full(len(column), np.nan)
        rank[known] = np.argsort(np.argsort(column[known], kind="stable"), kind="stable") / max(int(known.sum()) - 1, 1)
        height = place + 0.32 * rng.uniform(-1, 1, len(column))
        axis.scatter(contributions[~known, i], height[~known], s=3, color=_GREY)
        axis.scatter(contributions[known, i], height[known], s=3, c=rank[known], cmap="coolwarm")
    axis.set_yticks(range(len(top)), names)
    axis.set(xlabel="Contribution to the log-odds (blue: low values, red: high, grey: missing)")
    swarm = Plot("beeswarm", "Contributions of single applicants", png(canvas))
    return [bar, swarm]
