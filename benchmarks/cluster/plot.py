"""The incidents side by side: how long each application waited, by the moment at which it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.load.stream import StreamRun

_COLUMNS = 2


def draw(runs: Sequence[tuple[str, float, float, StreamRun]], file: Path) -> None:
    """Draw (name, began, ended, run) of each incident as small multiples of one scale; Unix seconds."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "loanstream"
    from matplotlib import pyplot as plt

    rows = -(-len(runs) // _COLUMNS)
    figure, axes = plt.subplots(rows, _COLUMNS, figsize=(11, 2.1 * rows), sharex=True, sharey=True, squeeze=False)
    for axis, (name, began, ended, run) in zip(axes.flat, runs, strict=False):
        sent = run.begun + run.offsets - began
        axis.axvspan(0.0, ended - began, color="#f2c14e", alpha=0.35, linewidth=0)
        axis.scatter(sent, np.maximum(run.latencies_s, 1e-3), s=2, color="#1f5fa8", linewidths=0, rasterized=True)
        axis.set_yscale("log")
        axis.set_title(name, fontsize=10, loc="left")
        axis.grid(True, which="major", axis="y", color="#dddddd", linewidth=0.6)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    for axis in axes.flat[len(runs) :]:
        axis.set_visible(False)
    figure.supxlabel("seconds from the incident at which an application was sent (shaded: while it lasts)", fontsize=9)
    figure.supylabel("seconds to its decision", fontsize=9)
    figure.tight_layout()
    figure.savefig(file, dpi=140)
