"""The monitor's metrics: names with units, and labels that cannot grow without bound (never an applicant's id)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

# The SLO's bound, 1 s, is one of them: an alert reads it off exactly.
LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0)
PROBABILITY_BUCKETS: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)

DECISIONS: Final = "loanstream_decisions"
DECISION_MODES: Final = "loanstream_decision_modes"
END_TO_END: Final = "loanstream_end_to_end_seconds"
PROBABILITY: Final = "loanstream_probability_of_default_ratio"
DEAD_LETTERS: Final = "loanstream_dead_letters"
LATE: Final = "loanstream_monitor_late_decisions"
UNREADABLE: Final = "loanstream_monitor_unreadable_records"
BAD_OUTCOMES: Final = "loanstream_monitor_unreadable_outcomes"
REPORT_FAILURES: Final = "loanstream_monitor_report_failures"

WATERMARK: Final = "loanstream_monitor_watermark_timestamp_seconds"
LAST_TICK: Final = "loanstream_monitor_last_tick_timestamp_seconds"
LAST_SNAPSHOT: Final = "loanstream_monitor_last_snapshot_timestamp_seconds"
LAST_REPORT: Final = "loanstream_monitor_last_report_timestamp_seconds"
AUDIT_LAG: Final = "loanstream_monitor_audit_lag_records"
WAITING: Final = "loanstream_monitor_waiting_for_reference_count"
COMPLETENESS_GAP: Final = "loanstream_completeness_gap_offsets"
COMPLETENESS_OVERLAP: Final = "loanstream_completeness_overlap_offsets"
COMPLETENESS_COVERED: Final = "loanstream_completeness_covered_offsets"
COMPLETENESS_CHECKED: Final = "loanstream_completeness_checked_timestamp_seconds"
INTAKE_LAG_S: Final = "loanstream_intake_lag_seconds"
INTAKE_LAG: Final = "loanstream_intake_lag_records"
INTAKE_END: Final = "loanstream_intake_applications"

WINDOW_S: Final = "loanstream_window_seconds"
WINDOW_N: Final = "loanstream_window_decisions_count"
WINDOW_OUTCOME: Final = "loanstream_window_outcome_ratio"
WINDOW_VERSIONS: Final = "loanstream_window_model_versions_count"
APPROVAL_BEFORE: Final = "loanstream_history_approval_ratio"
REASON_SHARE: Final = "loanstream_window_reason_ratio"
GROUP_APPROVAL: Final = "loanstream_window_group_approval_ratio"
FEATURE_PSI: Final = "loanstream_feature_psi"
FEATURE_VALUES: Final = "loanstream_feature_values_count"
FEATURE_JS: Final = "loanstream_feature_js_distance"
MISSING_SHIFT: Final = "loanstream_feature_missing_shift_ratio"
OUT_OF_RANGE: Final = "loanstream_feature_out_of_range_ratio"
UNKNOWN: Final = "loanstream_feature_unknown_category_ratio"
SCORE_PSI: Final = "loanstream_score_psi"
SCORE_JS: Final = "loanstream_score_js_distance"
REASON_PSI: Final = "loanstream_reason_psi"
REASON_JS: Final = "loanstream_reason_js_distance"
DRIFTED: Final = "loanstream_drifted_features_ratio"
PERFORMANCE: Final = "loanstream_performance"
BAND_DEFAULTS: Final = "loanstream_band_default_ratio"
LABELLED: Final = "loanstream_labelled_decisions_count"
SHADOW: Final = "loanstream_shadow"
EVIDENTLY: Final = "loanstream_evidently_psi"

HELP: Final = {
    WINDOW_S: "Length of a rolling window, seconds.",
    WINDOW_N: "Decisions in a rolling window.",
    WINDOW_OUTCOME: "Share of an outcome among a window's decisions.",
    WINDOW_VERSIONS: "Model versions that decided within a window.",
    APPROVAL_BEFORE: "Share of approvals in the period before the window.",
    REASON_SHARE: "Share of a reason code among all reasons given in a window, by side (for or against approval).",
    GROUP_APPROVAL: "Share of approvals within a group of a protected feature.",
    FEATURE_VALUES: "Values of a feature that are present in the window: what its PSI is computed on.",
    FEATURE_PSI: "Population stability index of a feature on reference bins.",
    FEATURE_JS: "Jensen-Shannon distance (base 2) of a feature on reference bins.",
    MISSING_SHIFT: "Missing rate of a feature in the window minus in the reference.",
    OUT_OF_RANGE: "Share of a window's rows outside the reference's range.",
    UNKNOWN: "Share of a window's rows with a category that the catalog lacks.",
    SCORE_PSI: "Population stability index of the probability of default.",
    SCORE_JS: "Jensen-Shannon distance (base 2) of the probability of default.",
    REASON_PSI: "Population stability index of the reason codes, by side.",
    REASON_JS: "Jensen-Shannon distance (base 2) of the reason codes, by side.",
    DRIFTED: "Share of features whose PSI is 0.2 or more.",
    PERFORMANCE: "Performance by measure; kind realised (matured outcomes) or estimated (CBPE) on the same decisions.",
    BAND_DEFAULTS: "Default rate of a score band; kind realised or estimated.",
    LABELLED: "Decisions with a known outcome: matured ones, and all.",
    SHADOW: "Challenger against champion by measure, over the shadow window.",
    EVIDENTLY: "PSI of a column in Evidently's last report.",
    COMPLETENESS_GAP: "Consumed applications that no audit record answers, by partition; must be 0.",
    COMPLETENESS_OVERLAP: "Applications that audit records answer more than once, by partition; must be 0.",
    COMPLETENESS_COVERED: "Offsets of the applications topic that audit records answer, by partition.",
    COMPLETENESS_CHECKED: "When offsets and audit records were last reconciled, Unix time.",
    INTAKE_LAG_S: "Age of the oldest application that no gateway has committed, seconds.",
    INTAKE_LAG: "Applications that no gateway has committed.",
}

Sample = tuple[dict[str, str], float]


class MonitorMetrics:
    """The monitor's counters and gauges in one registry; what a tick computes is swapped in as a whole."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.decisions = Counter(
            DECISIONS, "Decisions read from the audit topic.", ["outcome", "door", "model_version"], registry=registry
        )
        self.modes = Counter(DECISION_MODES, "Decisions by how complete they were.", ["mode"], registry=registry)
        self.dead_letters = Counter(DEAD_LETTERS, "Dead letters that audit records tell of.", registry=registry)
        self.late = Counter(LATE, "Decisions too late for their window.", registry=registry)
        self.unreadable = Counter(UNREADABLE, "Audit records that could not be read.", registry=registry)
        self.bad_outcomes = Counter(BAD_OUTCOMES, "Outcomes that could not be read.", registry=registry)
        self.report_failures = Counter(REPORT_FAILURES, "Reports that failed or took too long.", registry=registry)
        self.applications = Counter(INTAKE_END, "Applications appended to the applications topic.", registry=registry)
        self.watermark = Gauge(WATERMARK, "Newest event time seen, Unix time.", registry=registry)
        self.last_tick = Gauge(LAST_TICK, "When drift was last computed, Unix time.", registry=registry)
        self.last_snapshot = Gauge(LAST_SNAPSHOT, "When state was last saved, Unix time.", registry=registry)
        self.last_report = Gauge(LAST_REPORT, "When a report was last finished, Unix time.", registry=registry)
        self.audit_lag = Gauge(AUDIT_LAG, "Audit records not read yet.", registry=registry)
        self.waiting = Gauge(WAITING, "Model versions whose reference is waited for.", registry=registry)
        self.latency = BatchHistogram(
            END_TO_END, "From an application's submission to its decision, seconds.", "door", LATENCY_BUCKETS_S
        )
        self.probability = BatchHistogram(PROBABILITY, "Probability of default.", "model_version", PROBABILITY_BUCKETS)
        self.computed = ComputedGauges()
        for collector in (self.latency, self.probability, self.computed):
            registry.register(collector)


class BatchHistogram(Collector):
    """A histogram that takes a whole array at once, with one label."""

    def __init__(self, name: str, text: str, label: str, buckets: tuple[float, ...]) -> None:
        self._name, self._text, self._label = name, text, label
        self._buckets = np.array(buckets)
        self._counts: dict[str, npt.NDArray[np.int64]] = {}
        self._sums: dict[str, float] = {}

    def observe(self, label: str, values: npt.NDArray[np.float64]) -> None:
        """Count float64[n] values under one label value."""
        cells = np.searchsorted(self._buckets, values, side="left")
        counts = np.bincount(cells, minlength=len(self._buckets) + 1)
        self._counts[label] = self._counts.get(label, 0) + counts
        self._sums[label] = self._sums.get(label, 0.0) + float(values.sum())

    def collect(self) -> Iterator[Metric]:
        """Yield the histogram in Prometheus's cumulative form."""
        family = HistogramMetricFamily(self._name, self._text, labels=[self._label])
        ends = [f"{end:g}" for end in self._buckets] + ["+Inf"]
        for label, counts in list(self._counts.items()):
            cumulative = [(end, float(count)) for end, count in zip(ends, counts.cumsum(), strict=True)]
            family.add_metric([label], buckets=cumulative, sum_value=self._sums[label])
        yield family


class ComputedGauges(Collector):
    """Gauges that a part of the monitor computes at its own pace; each part replaces all of its own at once.

    So a feature or a model version that is gone leaves no value behind.
    """

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, list[Sample]]] = {}

    def replace(self, part: str, samples: dict[str, list[Sample]]) -> None:
        """Set all gauges of one part: name -> (labels, value) pairs; NaN is left out."""
        self._parts[part] = samples

    def value(self, name: str, **labels: str) -> float | None:
        """Return one gauge's value, for the status page."""
        for samples in list(self._parts.values()):
            for held, value in samples.get(name, ()):
                if all(held.get(key) == wanted for key, wanted in labels.items()):
                    return value
        return None

    def samples(self, name: str) -> list[Sample]:
        """Return all values of one gauge."""
        return [sample for part in list(self._parts.values()) for sample in part.get(name, ())]

    def collect(self) -> Iterable[Metric]:
        """Yield every gauge that has a value."""
        names = dict.fromkeys(name for part in list(self._parts.values()) for name in part)
        for name in names:
            samples = [(labels, value) for labels, value in self.samples(name) if value == value]  # noqa: PLR0124
            if not samples:
                continue
            keys = list(samples[0][0])
            family = GaugeMetricFamily(name, HELP.get(name, name), labels=keys)
            for labels, value in samples:
                family.add_metric([labels[key] for key in keys], value)
            yield family
