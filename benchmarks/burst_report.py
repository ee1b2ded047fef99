"""What a burst's times mean: figures by second and by phase, as a table and as a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

PHASES = ("before", "burst", "after")


@dataclass(slots=True)
class Second:
    """One second of the run.

    at_s: since its begin; arrived, decided: applications in it; waiting: applications not committed at its end; p50_s,
    p99_s: time to decision of those decided in it, NaN where none was; running, wanted: gateway replicas.
    """

    at_s: int
    arrived: int = 0
    decided: int = 0
    waiting: int = 0
    p50_s: float = float("nan")
    p99_s: float = float("nan")
    running: int = 0
    wanted: int = 0


@dataclass(slots=True)
class Burst:
    """The whole run: its seconds, when the burst began and ended, and figures by phase of submission.

    within: share of a phase's applications that were decided within the objective.
    """

    objective_s: float
    rates: tuple[float, ...]
    bounds: tuple[float, ...]
    seconds: list[Second]
    applications: dict[str, int] = field(default_factory=dict)
    p50_s: dict[str, float] = field(default_factory=dict)
    p99_s: dict[str, float] = field(default_factory=dict)
    within: dict[str, float] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether 99 % of what was submitted during the burst was decided in time."""
        return self.within["burst"] >= 0.99

    def line(self) -> str:
        """Return the verdict as one line."""
        word = "held" if self.held else "NOT held"
        most = max(second.running for second in self.seconds)
        return (
            f"objective of {self.objective_s:g} s {word}: {100 * self.within['burst']:.2f} % of the burst's "
            f"{self.applications['burst']:,} applications in time, p50 {self.p50_s['burst']:.2f} s, "
            f"p99 {self.p99_s['burst']:.2f} s; up to {most} gateway replicas"
        )


def figures(
    objective_s: float,
    rates: tuple[float, ...],
    phase: np.ndarray[Any, np.dtype[np.int64]],
    submitted_s: np.ndarray[Any, np.dtype[np.float64]],
    decided_s: np.ndarray[Any, np.dtype[np.float64]],
    looks: list[tuple[float, int, int, int]],
) -> Burst:
    """Return the run's figures.

    phase: int64[n], which of the three each application was sent in; submitted_s, decided_s: float64[n], its Unix
    times; looks: (time, waiting, running, wanted).
    """
    begin_s = float(submitted_s.min())
    bounds = tuple(float(submitted_s[phase == place].min()) - begin_s for place in (1, 2))
    taken = decided_s - submitted_s
    came, left = np.floor(submitted_s - begin_s).astype(int), np.floor(decided_s - begin_s).astype(int)
    last = int(max(left.max(initial=0), max((int(at - begin_s) for at, *_ in looks), default=0)))
    seconds = [Second(at) for at in range(last + 1)]
    for second in seconds:
        second.arrived, second.decided = int((came == second.at_s).sum()), int((left == second.at_s).sum())
        if second.decided:
            second.p50_s, second.p99_s = (float(q) for q in np.percentile(taken[left == second.at_s], [50, 99]))
    seen = sorted(looks)
    for second in seconds:
        # The last look that ended in this second or before it.
        for at, waiting, running, wanted in seen:
            if at - begin_s >= second.at_s + 1:
                break
            second.waiting, second.running, second.wanted = waiting, running, wanted
    run = Burst(objective_s, rates, bounds, seconds)
    for place, name in enumerate(PHASES):
        chosen = taken[phase == place]
        run.applications[name] = len(chosen)
        run.p50_s[name], run.p99_s[name] = np.percentile(chosen, [50, 99]).tolist() if len(chosen) else (0.0, 0.0)
        run.within[name] = float((chosen <= objective_s).mean()) if len(chosen) else 1.0
    return run


def show(run: Burst, every: int = 1) -> None:
    """Print the run as a table, each `every` seconds, and the verdict."""
    print(f"{'s':>4} {'in':>7} {'decided':>8} {'waiting':>8} {'p50 s':>7} {'p99 s':>7} {'gateways':>9} {'wanted':>7}")
    for second in run.seconds[::every]:
        print(
            f"{second.at_s:>4} {second.arrived:>7,} {second.decided:>8,} {second.waiting:>8,} {second.p50_s:>7.2f} "
            f"{second.p99_s:>7.2f} {second.running:>9} {second.wanted:>7}"
        )
    for name in PHASES:
        print(
            f"{name}: {run.applications[name]:,} applications, p50 {run.p50_s[name]:.2f} s, "
            f"p99 {run.p99_s[name]:.2f} s, {100 * run.within[name]:.2f} % within {run.objective_s:g} s"
        )
    print(run.line())


def draw(run: Burst, path: Path) -> None:
    """Write the run as SVG: rates, time to decision with its objective, and replicas, over one axis of time."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "loanstream"
    from matplotlib import pyplot as plt

    at = [second.at_s for second in run.seconds]
    figure, (rate, time_to, replicas) = plt.subplots(3, 1, sharex=True, figsize=(9, 7), height_ratios=(3, 3, 2))
    rate.step(at, [s.arrived for s in run.seconds], where="post", label="in a second")
    rate.step(at, [s.decided for s in run.seconds], where="post", label="decided a second")
    rate.plot(at, [s.waiting for s in run.seconds], linestyle=":", color="grey", label="waiting")
    rate.set_ylabel("applications")
    time_to.plot(at, [s.p99_s for s in run.seconds], marker=".", label="p99")
    time_to.plot(at, [s.p50_s for s in run.seconds], marker=".", label="p50")
    time_to.axhline(run.objective_s, color="red", linestyle="--", label=f"objective, {run.objective_s:g} s")
    time_to.set_ylabel("time to decision, s")
    replicas.step(at, [s.wanted for s in run.seconds], where="post", linestyle="--", label="wanted")
    replicas.step(at, [s.running for s in run.seconds], where="post", label="running")
    replicas.set_ylabel("gateway replicas")
    replicas.set_xlabel("seconds")
    replicas.yaxis.get_major_locator().set_params(integer=True)
    for axes in (rate, time_to, replicas):
        axes.axvspan(run.bounds[0], run.bounds[1], color="orange", alpha=0.12)
        axes.set_ylim(bottom=0)
        axes.legend(loc="best", fontsize="small")
        axes.grid(alpha=0.3)
    times = run.rates[1] / run.rates[0]
    figure.suptitle(f"A burst of {times:g} times {run.rates[0]:g} applications a second")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})
    plt.close(figure)
