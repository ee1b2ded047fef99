"""`loanstream promote`: let a challenger decide, if it passes gates that were written down beforehand."""

from __future__ import annotations

import getpass
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from credit.errors import PromotionRefused, SettingsError
from credit.features import CATALOG
from training.model import TrainedFolder
from training.registry import CHALLENGER, CHAMPION, ModelVersion, Registry

GATES_FILE = Path(__file__).with_name("gates.json")
_LATENCY_ROWS, _LATENCY_REPEATS = 64, 15


class Gates(BaseModel):
    """Bounds that a challenger must keep; out-of-fold figures of both models, fixed before any challenger is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    auc_drop: float = Field(ge=0, description="Most that the AUC may fall below the champion's.")
    cost_rise: float = Field(ge=0, description="Most that the cost per client may rise above the champion's.")
    calibration_error: float = Field(gt=0, description="Highest calibration error, whatever the champion's.")
    adverse_impact_ratio: float = Field(
        ge=0, le=1, description="Lowest ratio of approval rates between groups, the four-fifths rule."
    )
    adverse_impact_drop: float = Field(
        ge=0, description="Where the champion misses that rule itself, most that the ratio may fall below its own."
    )
    latency_ratio: float = Field(gt=0, description="Most time to score, as a multiple of the champion's.")


@dataclass(frozen=True)
class GateResult:
    """One gate: the challenger's figure, the bound it had to keep, and whether it did."""

    gate: str
    challenger: float
    bound: float
    passed: bool

    def __str__(self) -> str:
        return f"{self.gate} {self.challenger:.4f} against a bound of {self.bound:.4f}"


@dataclass(frozen=True)
class Promotion:
    """A version that now decides, the one that did before (None where none did), and every gate's result."""

    version: ModelVersion
    previous: str | None
    gates: tuple[GateResult, ...]
    forced: bool


def read_gates(file: Path = GATES_FILE) -> Gates:
    """Read the gates; raises SettingsError where the file is not there or not as it should be."""
    try:
        return Gates.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise SettingsError(f"the gates in {file} cannot be read: {reason}") from None


def promote(
    registry: Registry,
    name: str,
    which: str = CHALLENGER,
    *,
    force_reason: str | None = None,
    gates_file: Path = GATES_FILE,
) -> Promotion:
    """Give the alias champion to a version (an alias or a number) that passes every gate against the present champion.

    force_reason: promote even so, and leave the reason, who gave it and the failed gates in the registry. Raises
    PromotionRefused with the gate and both figures, ModelNotFound, ModelRefused for a model that cannot be served.
    """
    gates = read_gates(gates_file)
    version = registry.get(name, which)
    folder = registry.download(name, version.version, catalog_hash=CATALOG.hash)
    present = next((v for v in registry.list_models(name) if CHAMPION in v.aliases), None)
    if present is not None and present.version == version.version:
        raise PromotionRefused(f"version {version.version} of {name} is the champion already: name another version")
    results: tuple[GateResult, ...] = ()
    if present is not None:
        results = check_gates(gates, version, present, latency_ratio(folder, registry.download(name, present.version)))
    failed = [result for result in results if not result.passed]
    if failed and not force_reason:
        raise PromotionRefused(
            f"version {version.version} of {name} failed {'; '.join(str(result) for result in failed)}: "
            "train a better one, or give a reason with --force"
        )
    if force_reason:
        registry.tag(
            name,
            version.version,
            {
                "forced_reason": force_reason,
                "forced_by": getpass.getuser(),
                "forced_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "forced_gates": "; ".join(str(result) for result in failed) or "none failed",
            },
        )
    registry.set_alias(name, CHAMPION, version.version)
    if CHALLENGER in version.aliases:
        registry.remove_alias(name, CHALLENGER)
    previous = present.version if present is not None else None
    return Promotion(registry.get(name, version.version), previous, results, bool(force_reason and failed))


def check_gates(
    gates: Gates, challenger: ModelVersion, champion: ModelVersion, latency: float
) -> tuple[GateResult, ...]:
    """Hold the challenger's figures against the gates; a figure that was not logged fails its gate."""

    def figure(version: ModelVersion, metric: str) -> float:
        return version.metrics.get(metric, float("nan"))

    auc_bound = figure(champion, "auc") - gates.auc_drop
    cost_bound = figure(champion, "cost") + gates.cost_rise
    results = [
        GateResult("auc", figure(challenger, "auc"), auc_bound, figure(challenger, "auc") >= auc_bound),
        GateResult("cost", figure(challenger, "cost"), cost_bound, figure(challenger, "cost") <= cost_bound),
        GateResult(
            "calibration_error",
            figure(challenger, "calibration_error"),
            gates.calibration_error,
            figure(challenger, "calibration_error") <= gates.calibration_error,
        ),
        GateResult("latency_ratio", latency, gates.latency_ratio, latency <= gates.latency_ratio),
    ]
    for group in ("gender", "age", "family"):
        metric = f"adverse_impact_{group}"
        value, own = figure(challenger, metric), figure(champion, metric)
        bound = gates.adverse_impact_ratio if not own < gates.adverse_impact_ratio else own - gates.adverse_impact_drop
        results.append(GateResult(metric, value, bound, value >= bound))
    return tuple(results)


def latency_ratio(challenger: Path, champion: Path) -> float:
    """Return the challenger's time to score 64 rows over the champion's: medians of interleaved runs, one thread."""
    models = [TrainedFolder.read(challenger), _read_any(champion)]
    rng = np.random.default_rng(0)
    rows = [rng.random((_LATENCY_ROWS, model.booster.num_feature())) for model in models]
    times: list[list[float]] = [[], []]
    for _ in range(_LATENCY_REPEATS):
        for i, model in enumerate(models):
            start = time.perf_counter()
            model.booster.predict(rows[i], raw_score=True, num_threads=1)
            times[i].append(time.perf_counter() - start)
    return float(np.median(times[0]) / np.median(times[1]))


def _read_any(folder: Path) -> TrainedFolder:
    """Read a model whatever catalog it was trained on: the champion may be of an older one."""
    return TrainedFolder.read(folder, catalog_hash=None)
