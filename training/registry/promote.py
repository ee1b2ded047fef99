"""`loanstream promote`: let a challenger decide, if it passes gates that were written down beforehand."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from credit.errors import PromotionRefused, SettingsError
from credit.features import CATALOG
from training.registry.model import TrainedFolder
from training.registry.registry import CHALLENGER, CHAMPION, ModelVersion, Registry

GATES_FILE = Path(__file__).with_name("gates.json")
_LATENCY_ROWS, _LATENCY_REPEATS = 64, 15


class RehearsalGates(BaseModel):
    """Bounds on what a rehearsal on the stream's own applications showed, signed by `loanstream rehearse`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required: bool = Field(default=False, description="Whether there must be a report.")
    applications: int = Field(default=1000, ge=1, description="Fewest applications rehearsed.")
    outcome_flips: float = Field(default=0.1, ge=0, le=1, description="Largest share decided otherwise.")
    psi: float = Field(default=0.25, ge=0, description="Largest PSI of the probability of default.")
    cost_rise: float = Field(
        default=0.002, ge=0, description="Most that the cost at the taken approval rate may rise an application."
    )
    age_days: float = Field(default=7.0, gt=0, description="Oldest report.")


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
    rehearsal: RehearsalGates = Field(default=RehearsalGates(), description="Bounds on a rehearsal.")


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
    rehearsal: Mapping[str, Any] | None = None,
    require_rehearsal: bool = False,
) -> Promotion:
    """Give the alias champion to a version (an alias or a number) that passes every gate against the present champion.

    force_reason: promote even so, and leave the reason, who gave it and the failed gates in the registry; rehearsal: a
    rehearsal's report, its signature verified; require_rehearsal: refuse without one, as the gates can too. Raises
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
        if rehearsal is not None:
            results += check_rehearsal(gates.rehearsal, rehearsal, version, present)
        elif require_rehearsal or gates.rehearsal.required:
            results += (GateResult("rehearsal_applications", 0, gates.rehearsal.applications, False),)
            if not force_reason:
                raise PromotionRefused(
                    f"version {version.version} of {name} was not rehearsed: run `loanstream rehearse --model "
                    f"{version.version}` and name its report with --rehearsal, or give a reason with --force"
                )
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


def check_rehearsal(
    gates: RehearsalGates,
    report: Mapping[str, Any],
    challenger: ModelVersion,
    champion: ModelVersion,
    now: datetime | None = None,
) -> tuple[GateResult, ...]:
    """Hold a verified report against the gates; a figure that it lacks fails its gate.

    Raises PromotionRefused where the report is of another model, or compares with other decisions than the champion's:
    that is the wrong file and no failed gate, so forcing does not help.
    """
    if report.get("candidate") != [challenger.version] or report.get("candidate_digests") != [challenger.digest]:
        told = f"{', '.join(report.get('candidate', ()))} ({', '.join(report.get('candidate_digests', ()))[:12]})"
        wanted = f"{challenger.version} ({challenger.digest[:12]})"
        raise PromotionRefused(f"the rehearsal is of version {told}, not of {wanted}: rehearse that one")
    if champion.version not in report.get("taken_by", ()):
        raise PromotionRefused(
            f"the rehearsal compares with decisions of version {', '.join(report.get('taken_by', ()))}, not of the "
            f"champion {champion.version}: rehearse on applications that it has decided"
        )
    nan = float("nan")
    n = report.get("applications", 0)
    flips = report.get("outcome_flips", nan) / n if n else nan
    cost: Mapping[str, float] = report.get("expected_cost_at_taken_approval_rate", {})
    realised = report.get("realised_cost_at_taken_approval_rate", {})
    if realised.get("labelled", 0) >= gates.applications:  # a few outcomes say less than the model's own expectation
        cost = realised
    rise = cost.get("candidate", nan) - cost.get("taken", nan)
    made = report.get("made_at")
    age = ((now or datetime.now(UTC)) - datetime.fromisoformat(made)).total_seconds() / 86400 if made else nan
    psi = report.get("psi_of_probability", nan)
    return (
        GateResult("rehearsal_applications", n, gates.applications, n >= gates.applications),
        GateResult("rehearsal_outcome_flips", flips, gates.outcome_flips, flips <= gates.outcome_flips),
        GateResult("rehearsal_psi", psi, gates.psi, psi <= gates.psi),
        GateResult("rehearsal_cost_rise", rise, gates.cost_rise, rise <= gates.cost_rise),
        GateResult("rehearsal_age_days", age, gates.age_days, age <= gates.age_days),
    )


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
