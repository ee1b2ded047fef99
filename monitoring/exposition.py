"""The monitor's metrics in one registry, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from monitoring import metrics as m

# Labels and value; and a gauge's name -> its samples.
GaugeSample = tuple[dict[str, str], float]
GaugeSamples = dict[str, list[GaugeSample]]


class MonitorMetrics:
    """The monitor's counters and gauges in one registry; what a tick computes is swapped in as a whole."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.decisions = Counter(
            m.DECISIONS, m.HELP[m.DECISIONS], ["outcome", "door", "model_version"], registry=registry
        )
        self.modes = Counter(m.DECISION_MODES, m.HELP[m.DECISION_MODES], ["mode"], registry=registry)
        self.dead_letters = Counter(m.DEAD_LETTERS, m.HELP[m.DEAD_LETTERS], registry=registry)
        self.late = Counter(m.LATE, m.HELP[m.LATE], registry=registry)
        self.unreadable = Counter(m.UNREADABLE, m.HELP[m.UNREADABLE], registry=registry)
        self.bad_outcomes = Counter(m.BAD_OUTCOMES, m.HELP[m.BAD_OUTCOMES], registry=registry)
        self.bad_shadows = Counter(m.BAD_SHADOWS, m.HELP[m.BAD_SHADOWS], registry=registry)
        self.report_failures = Counter(m.REPORT_FAILURES, m.HELP[m.REPORT_FAILURES], registry=registry)
        self.applications = Counter(m.INTAKE_END, m.HELP[m.INTAKE_END], registry=registry)
        self.watermark = Gauge(m.WATERMARK, m.HELP[m.WATERMARK], registry=registry)
        self.last_tick = Gauge(m.LAST_TICK, m.HELP[m.LAST_TICK], registry=registry)
        self.last_snapshot = Gauge(m.LAST_SNAPSHOT, m.HELP[m.LAST_SNAPSHOT], registry=registry)
        self.last_report = Gauge(m.LAST_REPORT, m.HELP[m.LAST_REPORT], registry=registry)
        self.audit_lag = Gauge(m.AUDIT_LAG, m.HELP[m.AUDIT_LAG], registry=registry)
        self.waiting = Gauge(m.WAITING, m.HELP[m.WAITING], registry=registry)
        self.latency = BatchHistogram(m.END_TO_END, m.HELP[m.END_TO_END], "door", m.LATENCY_BUCKETS_S)
        self.probability = BatchHistogram(m.PROBABILITY, m.HELP[m.PROBABILITY], "model_version", m.PROBABILITY_BUCKETS)
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
        self._parts: dict[str, GaugeSamples] = {}

    def replace(self, part: str, samples: GaugeSamples) -> None:
        """Set all gauges of one part: name -> (labels, value) pairs; NaN is left out."""
        self._parts[part] = samples

    def value(self, name: str, **labels: str) -> float | None:
        """Return one gauge's value, for the status page."""
        for samples in list(self._parts.values()):
            for held, value in samples.get(name, ()):
                if all(held.get(key) == wanted for key, wanted in labels.items()):
                    return value
        return None

    def samples(self, name: str) -> list[GaugeSample]:
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
            family = GaugeMetricFamily(name, m.HELP[name], labels=keys)
            for labels, value in samples:
                family.add_metric([labels[key] for key in keys], value)
            yield family
