"""Gates that were written down beforehand, and how a challenger's figures are held against them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from credit.errors import PromotionRefused, SettingsError
from credit.rehearsal import RehearsalReport
from training.registry.registry import ModelVersion

GATES_FILE = Path(__file__).with_name("gates.json")


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


def read_gates(file: Path = GATES_FILE) -> Gates:
    """Read the gates; raises SettingsError where the file is not there or not as it should be."""
    try:
        return Gates.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        raise SettingsError(f"the gates in {file} cannot be read: {reason}") from None


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
    report: RehearsalReport,
    challenger: ModelVersion,
    champion: ModelVersion,
    now: datetime | None = None,
) -> tuple[GateResult, ...]:
    """Hold a verified report against the gates; one without its time fails the gate on its age.

    Raises PromotionRefused where the report is of another model, or compares with other decisions than the champion's:
    that is the wrong file and no failed gate, so forcing does not help.
    """
    if report.candidate != (challenger.version,) or report.candidate_digests != (challenger.digest,):
        told = f"{', '.join(report.candidate)} ({', '.join(report.candidate_digests)[:12]})"
        wanted = f"{challenger.version} ({challenger.digest[:12]})"
        raise PromotionRefused(f"the rehearsal is of version {told}, not of {wanted}: rehearse that one")
    if champion.version not in report.taken_by:
        raise PromotionRefused(
            f"the rehearsal compares with decisions of version {', '.join(report.taken_by)}, not of the "
            f"champion {champion.version}: rehearse on applications that it has decided"
        )
    nan = float("nan")
    n = report.applications
    flips = report.outcome_flips / n if n else nan
    cost, realised = report.expected_cost_at_taken_approval_rate, report.realised_cost_at_taken_approval_rate
    if realised is not None and realised.labelled >= gates.applications:
        cost = realised  # a few outcomes say less than the model's own expectation
    rise = cost.candidate - cost.taken
    age = ((now or datetime.now(UTC)) - report.made_at).total_seconds() / 86400 if report.made_at else nan
    psi = report.psi_of_probability
    return (
        GateResult("rehearsal_applications", n, gates.applications, n >= gates.applications),
        GateResult("rehearsal_outcome_flips", flips, gates.outcome_flips, flips <= gates.outcome_flips),
        GateResult("rehearsal_psi", psi, gates.psi, psi <= gates.psi),
        GateResult("rehearsal_cost_rise", rise, gates.cost_rise, rise <= gates.cost_rise),
        GateResult("rehearsal_age_days", age, gates.age_days, age <= gates.age_days),
    )
