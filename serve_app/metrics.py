"""The serving side's metrics, by name and unit; made where a replica starts, never at import.

Ray exports them as `ray_<name>`. No label carries an applicant, and every label's values are few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.decision import DecisionBatch, Mode
from credit.features import CATALOG
from credit.policy import Outcome
from credit.wire.audit import Door
from serve_app.steps.explainer import Explained

DECISIONS = "loanstream_decisions_total"
STEP_SECONDS = "loanstream_step_seconds"
STEP_FAILURES = "loanstream_step_failures_total"
STEPS_ASKED_AGAIN = "loanstream_steps_asked_again_total"
BATCH_APPLICATIONS = "loanstream_batch_applications"
ADDITIVITY_FAILURES = "loanstream_additivity_failures_total"
REASON_FAILURES = "loanstream_reason_counterfactual_failures_total"
REASONS_GIVEN = "loanstream_reasons_total"
MODEL_LOADS = "loanstream_model_loads_total"
MODEL_LOAD_FAILURES = "loanstream_model_load_failures_total"
SHADOW_SCORED = "loanstream_shadow_scored_total"
SHADOW_DROPPED = "loanstream_shadow_dropped_total"
HTTP_REQUESTS = "loanstream_http_requests_total"
HTTP_SECONDS = "loanstream_http_request_seconds"

_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]
_CODES = tuple(subject.code for subject in CATALOG.subjects.values())
_SIZES = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0]


def _counter(name: str, description: str, labels: tuple[str, ...] = ()) -> Any:
    from ray.serve import metrics

    return metrics.Counter(name.removesuffix("_total"), description=description, tag_keys=labels)


def _histogram(name: str, description: str, boundaries: list[float], labels: tuple[str, ...] = ()) -> Any:
    from ray.serve import metrics

    return metrics.Histogram(name, description=description, boundaries=boundaries, tag_keys=labels)


class PathMetrics:
    """What the decision path counts, in the replica that walks it."""

    def __init__(self) -> None:
        self.decisions = _counter(DECISIONS, "Decisions taken.", ("door", "outcome", "mode", "model_version"))
        self.step_seconds = _histogram(STEP_SECONDS, "Time of one step for one micro-batch.", _SECONDS, ("step",))
        self.step_failures = _counter(STEP_FAILURES, "Steps that failed or took too long.", ("step",))
        self.asked_again = _counter(STEPS_ASKED_AGAIN, "Steps of which a second replica was asked too.", ("step",))
        self.batch = _histogram(BATCH_APPLICATIONS, "Applications in a micro-batch.", _SIZES, ("door",))

    def step(self, name: str, seconds: float) -> None:
        """Take note of a step that answered."""
        self.step_seconds.observe(seconds, tags={"step": name})

    def step_failed(self, name: str) -> None:
        """Take note of a step that did not."""
        self.step_failures.inc(1, tags={"step": name})

    def step_asked_again(self, name: str) -> None:
        """Take note of a step that was silent, so that another replica was asked too."""
        self.asked_again.inc(1, tags={"step": name})

    def count(self, decisions: DecisionBatch, door: Door) -> None:
        """Count the decisions of one micro-batch."""
        self.batch.observe(len(decisions), tags={"door": door})
        version, mode = decisions.model.version, Mode(int(decisions.mode[0])).word
        for outcome, count in Counter(decisions.outcome.tolist()).items():
            tags = {"door": door, "outcome": Outcome(outcome).word, "mode": mode, "model_version": version}
            self.decisions.inc(count, tags=tags)


class ExplainerMetrics:
    """What the explainer counts; additivity failures above 0 are an alert."""

    def __init__(self) -> None:
        self.additivity_failures = _counter(
            ADDITIVITY_FAILURES, "Explanations that did not add up and were taken from LightGBM instead."
        )
        self.reason_failures = _counter(REASON_FAILURES, "Candidate reasons whose neutralising did not help.")
        self.reasons = _counter(REASONS_GIVEN, "Reasons given, by subject and direction.", ("code", "direction"))

    def count(self, explained: Explained, outcome: npt.NDArray[np.int8]) -> None:
        """Count the explanations of one micro-batch whose outcomes are int8[n]."""
        if explained.additivity_failures:
            self.additivity_failures.inc(explained.additivity_failures)
        if explained.reason_failures:
            self.reason_failures.inc(explained.reason_failures)
        approved = outcome == Outcome.APPROVE
        for direction, rows in (("favourable", approved), ("adverse", ~approved)):
            given = Counter(explained.reasons.subject[rows].ravel().tolist())
            for subject, count in given.items():
                if subject >= 0:
                    self.reasons.inc(count, tags={"code": _CODES[subject], "direction": direction})


class ModelMetrics:
    """What a process that holds models counts."""

    def __init__(self) -> None:
        self.loads = _counter(MODEL_LOADS, "Model versions taken up.", ("model_version",))
        self.failures = _counter(MODEL_LOAD_FAILURES, "Looks at the registry that failed.")

    def taken_up(self, version: str) -> None:
        """Count a version that decides from now on."""
        self.loads.inc(1, tags={"model_version": version})

    def look_failed(self) -> None:
        """Count a look that came to nothing."""
        self.failures.inc(1)


class HttpMetrics:
    """What the HTTP door counts."""

    def __init__(self) -> None:
        self.requests = _counter(HTTP_REQUESTS, "Requests answered.", ("path", "status"))
        self.seconds = _histogram(HTTP_SECONDS, "Time from request to answer.", _SECONDS, ("path",))

    def count(self, requests: Mapping[tuple[str, int], int], seconds: Iterable[tuple[str, float]]) -> None:
        """Count answered requests by path and status, and the time of each by its path."""
        for (path, status), count in requests.items():
            self.requests.inc(count, tags={"path": path, "status": str(status)})
        for path, taken in seconds:
            self.seconds.observe(taken, tags={"path": path})


class ShadowMetrics:
    """What is counted beside the path: applications that a challenger scored too, and those left out."""

    def __init__(self) -> None:
        self.scored = _counter(SHADOW_SCORED, "Applications that the challenger scored too.", ("model_version",))
        self.dropped = _counter(SHADOW_DROPPED, "Applications that the challenger did not get to.", ("reason",))

    def scored_too(self, applications: int, version: str) -> None:
        """Count applications that the challenger scored."""
        self.scored.inc(applications, tags={"model_version": version})

    def lost(self, applications: int, reason: str) -> None:
        """Count applications that were dropped."""
        self.dropped.inc(applications, tags={"reason": reason})
