"""Exact explanation beside `shap.TreeExplainer` and `pred_contrib`: `make bench-explain`.

Any LightGBM text model and float64 matrix will do; without them a model of 500 trees is trained on made-up rows. All
contenders run in one process on the same rows, round by round and in turns, and on one core the thread's CPU time is
what counts, so the ratios hold on a machine that others use too. A ratio is the median of the rounds' own. Before
each cold call a buffer larger than the last cache is walked through.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.explain_other import Elsewhere
from benchmarks.explain_report import CONTRIB, FAST, OURS, SHAP, draw, machine, print_table
from credit.application import FloatArray
from credit.errors import ModelRefused, TableError
from treeshap import TreeShap, UnsupportedModel

WARM_UP_TO = 64  # rows; a call of no more is timed after one that is not counted
REPEATS_TO, REPEATS = 8, 5  # of no more than 8 rows, 5 calls a round are timed and the median counts
SECONDS_A_CASE = 90.0  # a case ends after this long once it has LEAST_ROUNDS
LEAST_ROUNDS = 3

Explain = Callable[[FloatArray], Any]


@dataclass
class Case:
    """One size of batch, and the seconds a call of each contender took, round by round."""

    name: str
    rows: int
    rounds: int
    cold: bool = False
    cores: int = 1
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def clock(self) -> Callable[[], float]:
        """CPU time of the one thread that works, or time on the wall where two do."""
        return time.thread_time if self.cores == 1 else time.perf_counter

    def summary(self) -> dict[str, Any]:
        """Medians and quartiles in microseconds a row, and the ratios to ours."""
        mine = self.seconds[OURS]
        out: dict[str, Any] = {"rows": self.rows, "cold": self.cold, "cores": self.cores, "rounds": len(mine)}
        for name, seconds in self.seconds.items():
            out[name] = _spread([1e6 * s / self.rows for s in seconds])
            if name != OURS:
                out[f"ratio_to_{name}"] = _spread([s / m for s, m in zip(seconds, mine, strict=True)])
        return out


def bench_explain(
    model: Path,
    rows: Path,
    json_out: Path | None = None,
    rounds: int = 9,
    *,
    plot: Path | None = None,
    sizes: tuple[int, ...] = (8, 64, 512),
    fasttreeshap: Path | None = None,
) -> dict[str, Any]:
    """Measure `model` (LightGBM text) on `rows` (.npy, float64[n, f]); print a table, write JSON and a plot if asked.

    fasttreeshap: the Python of an environment that has it, measured in a process of its own in the same rounds.
    Returns what the JSON holds: per case medians and quartiles in microseconds a row and the ratios, the largest
    difference to pred_contrib, and the machine. Raises ModelRefused or TableError for what cannot be measured.
    """
    import lightgbm
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    started = time.perf_counter()
    try:
        ours = TreeShap(model.read_text())
    except UnsupportedModel as error:
        raise ModelRefused(f"{model}: {error}") from None
    parsed = time.perf_counter()
    ours.warm()
    warmed = time.perf_counter()
    booster = lightgbm.Booster(model_file=str(model))
    X = _rows(rows, ours.n_features, max(sizes))
    contenders: dict[str, Explain] = {
        OURS: ours.contributions,
        SHAP: _shap_explainer(booster),
        CONTRIB: lambda x: booster.predict(x, pred_contrib=True, num_threads=1),
    }
    if fasttreeshap is not None:
        contenders[FAST] = Elsewhere(fasttreeshap, model, X)
    cases = [Case("1, hot", 1, 5 * rounds), Case("1, cold", 1, 5 * rounds, cold=True)]
    cases += [Case(f"{n}", n, 3 * rounds if n <= 8 else rounds) for n in sizes]
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        contenders = {name: explain for name, explain in contenders.items() if _works(name, explain, X[:1])}
        difference, residual = _differences(contenders, booster, X)
        for case in cases:
            measure(case, contenders, X)
    if (os.cpu_count() or 1) > 1 and len(X) >= 64:
        case = Case(f"{max(sizes)}, 2 cores", max(sizes), max(LEAST_ROUNDS, rounds // 2), cores=2)
        _measure_two_cores(case, ours, booster, X)
        cases.append(case)
    result = {
        "model": model.name,
        "trees": ours.n_trees,
        "features": ours.n_features,
        "max_abs_difference_to_pred_contrib": difference,
        "max_abs_residual_to_raw_score": residual,
        "seconds_to_parse": parsed - started,
        "seconds_to_warm": warmed - parsed,
        "cases": {case.name: case.summary() for case in cases},
        "machine": machine(last_cache_bytes()),
    }
    print_table(result)
    if json_out is not None:
        json_out.write_text(json.dumps(result, indent=2) + "\n")
    if plot is not None:
        draw(result, plot)
    return result


def measure(case: Case, contenders: dict[str, Explain], X: FloatArray) -> None:
    """Time every contender once a round on the round's rows, in an order that turns with the round."""
    flush = _Flush() if case.cold else None
    names = list(contenders)
    case.seconds = {name: [] for name in names}
    began = time.perf_counter()
    gc.collect()
    gc.disable()
    try:
        for r in range(case.rounds):
            first = r * case.rows % (len(X) - case.rows + 1)
            x = X[first : first + case.rows].copy()
            for name in names[r % len(names) :] + names[: r % len(names)]:
                case.seconds[name].append(_one(contenders[name], x, flush, case.clock))
            if r + 1 >= LEAST_ROUNDS and time.perf_counter() - began > SECONDS_A_CASE:
                break
    finally:
        gc.enable()


def _one(explain: Explain, x: FloatArray, flush: _Flush | None, clock: Callable[[], float]) -> float:
    if flush is not None:
        flush()
        return _timed(explain, x, clock, cold=True)
    if len(x) <= WARM_UP_TO:
        explain(x)
    return statistics.median(_timed(explain, x, clock) for _ in range(REPEATS if len(x) <= REPEATS_TO else 1))


def _timed(explain: Explain, x: FloatArray, clock: Callable[[], float], *, cold: bool = False) -> float:
    if isinstance(explain, Elsewhere):
        return explain.seconds(x, cold=cold)
    began = clock()
    explain(x)
    return clock() - began


def _measure_two_cores(case: Case, ours: TreeShap, booster: Any, X: FloatArray) -> None:
    """Ours splits the rows between two threads that share one TreeShap; pred_contrib uses two of its own."""
    half = case.rows // 2
    with ThreadPoolExecutor(2) as pool:

        def both(x: FloatArray) -> Any:
            return list(pool.map(ours.contributions, (x[:half], x[half:])))

        both(X[: case.rows])
        contenders: dict[str, Explain] = {
            OURS: both,
            CONTRIB: lambda x: booster.predict(x, pred_contrib=True, num_threads=2),
        }
        measure(case, contenders, X)


class _Flush:
    """Empties the caches by writing through a buffer of twice the last one's size."""

    def __init__(self) -> None:
        self._buffer = np.zeros(max(2 * last_cache_bytes(), 1 << 26) // 8)

    def __call__(self) -> None:
        self._buffer += 1.0


def last_cache_bytes() -> int:
    sizes = [32 << 20]
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text().strip()
        if text.endswith("K"):
            sizes.append(int(text[:-1]) << 10)
        elif text.endswith("M"):
            sizes.append(int(text[:-1]) << 20)
    return max(sizes)


def _rows(path: Path, features: int, count: int) -> FloatArray:
    """Read at least `count` rows of `path`, over again where it has fewer."""
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read as .npy ({error}): write it with numpy.save") from None
    if table.ndim != 2 or table.shape[1] != features or not len(table):
        raise TableError(f"{path} has shape {table.shape}, the model reads (n, {features}): give rows of its features")
    X = np.array(table[: 8 * count], dtype=np.float64, order="C")
    return np.ascontiguousarray(np.tile(X, (-(-count // len(X)), 1))) if len(X) < count else X


def _shap_explainer(booster: Any) -> Explain:
    made: list[Any] = []

    def explain(x: FloatArray) -> Any:
        if not made:
            import shap

            made.append(shap.TreeExplainer(booster))
        return made[0].shap_values(x)

    return explain


def _works(name: str, explain: Explain, x: FloatArray) -> bool:
    """Whether a contender can explain this model at all; shap cannot read some objectives."""
    if name not in (SHAP, FAST):
        return True
    try:
        explain(x)
    except Exception as error:  # noqa: BLE001 - whatever shap raises, the others are still measured
        print(f"{name} is left out: it fails on this model ({type(error).__name__}: {error})")
        return False
    return True


def _differences(contenders: dict[str, Explain], booster: Any, X: FloatArray) -> tuple[float, float]:
    """The largest difference to pred_contrib where that is finite, and to the raw score, over one or many rows."""
    sample = X[:512]
    reference, raw = contenders[CONTRIB](sample), booster.predict(sample, raw_score=True, num_threads=1)
    found = contenders[OURS](sample)
    singly = np.vstack([contenders[OURS](sample[i : i + 1]) for i in range(min(64, len(sample)))])
    off = np.abs(np.vstack([found - reference, singly - reference[: len(singly)]]))
    return float(np.max(off[np.isfinite(off)], initial=0.0)), float(np.max(np.abs(found.sum(axis=1) - raw)))


def _spread(values: list[float]) -> dict[str, float]:
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return {"median": float(median), "q25": float(low), "q75": float(high)}


def synthetic(folder: Path, trees: int, features: int = 300) -> tuple[Path, Path]:
    """Train a binary model of `trees` trees of 31 leaves on made-up rows; returns the model's and the rows' files."""
    import lightgbm

    rng = np.random.default_rng(0)
    X = rng.normal(size=(20_000, features))
    X[rng.random(X.shape) < 0.05] = np.nan
    z = np.nan_to_num(X) @ (rng.normal(size=features) * (rng.random(features) < 0.3)) * 0.3
    z += np.nan_to_num(X[:, 0] * X[:, 1]) - 1.0
    y = rng.random(len(z)) < 1.0 / (1.0 + np.exp(-z))
    settings = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "feature_fraction": 0.5, "verbose": -1}
    model, rows = folder / f"synthetic-{trees}.txt", folder / "rows.npy"
    lightgbm.train(settings, lightgbm.Dataset(X, y.astype(float)), trees).save_model(model)
    np.save(rows, X[:4096])
    return model, rows


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.explain", description=__doc__)
    parser.add_argument("--model", type=Path, help="LightGBM model as text; without it one is trained")
    parser.add_argument("--rows", type=Path, help="rows to explain, float64[n, f] as .npy")
    parser.add_argument("--trees", type=int, default=500, help="trees of the model that is trained (500)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 64, 512, 4096], help="rows a call (8 64 512 4096)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the medians to this file")
    parser.add_argument("--plot", type=Path, help="draw the medians into this file (.png)")
    parser.add_argument("--fasttreeshap", type=Path, help="Python of an environment that has fasttreeshap")
    given = parser.parse_args()
    if (given.model is None) != (given.rows is None):
        parser.error("give both --model and --rows, or neither")
    with tempfile.TemporaryDirectory() as folder:
        model, rows = (given.model, given.rows) if given.model else synthetic(Path(folder), given.trees)
        bench_explain(
            model,
            rows,
            given.json,
            given.rounds,
            plot=given.plot,
            sizes=tuple(given.sizes),
            fasttreeshap=given.fasttreeshap,
        )


if __name__ == "__main__":
    main()
