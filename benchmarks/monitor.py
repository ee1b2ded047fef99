"""How many decisions a second one core of the monitor keeps up with: `python -m benchmarks.monitor`.

Audit records of micro-batches as the gateway writes them, with every feature of the catalog, go through all of the
monitor but Kafka: decoding, windows, the sample for reports, and (measured apart) the store of decisions for labels.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from prometheus_client import CollectorRegistry, generate_latest

from credit.application import ApplicationBatch, FloatArray
from credit.decision import DecisionBatch, ModelRef, decision_ids
from credit.features import CATALOG
from credit.policy import Policy, Scorecard
from credit.reasons import Reasons
from credit.wire.audit import SourceRange, decode_audit, encode_audit
from credit.wire.topics import APPLICATIONS_TOPIC
from monitoring.drift.reference import Reference, build_reference
from monitoring.exposition import MonitorMetrics
from monitoring.outcomes.label_store import LabelStore
from monitoring.reports.window_sample import WindowSample
from monitoring.settings import MonitorSettings
from monitoring.windows.decoding import AuditPayload
from monitoring.windows.fold import FoldedDecisions
from monitoring.windows.monitor import Monitor
from monitoring.windows.snapshots import SnapshotFolder, encode_state

POLICY = Policy(threshold=0.1, refer_from=0.08, decline_from=0.12)


def feature_rows(n: int, names: tuple[str, ...], seed: int) -> FloatArray:
    """Return n rows of made-up features: numbers, a third of them with gaps, and categories."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, len(names)))
    for column, name in enumerate(names):
        codes = CATALOG[name].codes
        if codes:
            rows[:, column] = rng.integers(0, len(codes), n)
        elif column % 3 == 0:
            rows[rng.random(n) < 0.3, column] = np.nan
    return rows


def audit_records(
    count: int, batch: int, names: tuple[str, ...], start_ms: int, per_s: float, first: int = 0
) -> list[bytes]:
    """Return audit records of `batch` decisions each, submitted at `per_s` decisions a second of event time.

    first: how many records of this stream were made before; they are of four partitions, in turn.
    """
    model = ModelRef("loanstream", "1", hashlib.sha256(b"1").hexdigest(), CATALOG.hash, POLICY, names)
    rng = np.random.default_rng(1)
    made = []
    rows = feature_rows(batch * 8, names, 2)
    for i in range(count):
        features = rows[(i % 8) * batch : (i % 8 + 1) * batch]
        clients = np.arange(batch, dtype=np.int64) + (first + i) * batch + 100_001
        p = rng.beta(1, 10, batch)
        ids = [str(client) for client in clients]
        submitted = (start_ms + (np.arange(batch) + i * batch) * 1000 / per_s).astype(np.int64)
        applications = ApplicationBatch(ids, clients, submitted, np.zeros((batch, 1)))
        reasons = Reasons.none(batch)
        reasons.subject[:, :2] = rng.integers(0, len(CATALOG.subjects), (batch, 2))
        decided = DecisionBatch(
            applications,
            model,
            decision_ids(ids, model.digest, POLICY.digest),
            features,
            np.ones(batch, dtype=np.bool_),
            np.log(p / (1 - p)),
            p,
            POLICY.outcomes(p),
            Scorecard().points(p),
            rng.normal(size=features.shape),
            -2.5,
            reasons,
            np.zeros(batch, dtype=np.int8),
            submitted + 200,
        )
        place, partition = divmod(first + i, 4)
        read = SourceRange(APPLICATIONS_TOPIC, partition, place * batch, (place + 1) * batch - 1)
        made.append(encode_audit(decided, "kafka", [read]))
    return made


class OneReference:
    """The one reference of the benchmark."""

    def __init__(self, reference: Reference) -> None:
        self._held = reference

    def get(self, version: str, names: tuple[str, ...] | None) -> Reference | None:  # noqa: ARG002
        """Return it."""
        return self._held

    def held(self) -> dict[str, Reference]:
        """Return it by its version."""
        return {self._held.version: self._held}

    def waiting(self) -> list[str]:
        """Return nothing."""
        return []


def run(
    records: list[bytes], reference: Reference, sinks: list[Callable[[FoldedDecisions], None]], poll: int
) -> tuple[float, Monitor]:
    """Feed all records, `poll` at a time, and return the CPU seconds that it took."""
    plan = MonitorSettings().plan()
    with tempfile.TemporaryDirectory() as folder:
        watch = Monitor(
            plan,
            OneReference(reference),
            SnapshotFolder(Path(folder), "a"),
            MonitorMetrics(CollectorRegistry()),
            (),
            sinks,
        )
        watch.assigned([0])
        begin = time.process_time()
        for at in range(0, len(records), poll):
            payloads = [AuditPayload(at + i, value) for i, value in enumerate(records[at : at + poll])]
            watch.add(watch.decode(0, payloads))
        return time.process_time() - begin, watch


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=40_000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    names = CATALOG.names
    categories = {f.name: len(f.codes) for f in CATALOG.features if f.is_category}
    rng = np.random.default_rng(0)
    reference = build_reference("1", names, feature_rows(5000, names, 0), rng.beta(1, 10, 5000), categories)
    start_ms = int(time.time() * 1000) - 3_600_000
    print(
        f"{len(names)} features, {psutil.cpu_count()} cores; median and best of {options.repeats} interleaved runs,"
        " CPU time"
    )
    for batch in (500, 50):
        count = options.decisions // batch
        records = audit_records(count, batch, names, start_ms, 1000.0)
        n = count * batch
        run(records[:2], reference, [], 2)  # compiles the kernel
        times: dict[str, list[float]] = {
            "decode only": [],
            "windows": [],
            "windows, sample": [],
            "windows, sample, labels": [],
        }
        for repeat in range(options.repeats):
            begin = time.process_time()
            for value in records:
                decode_audit(value)
            times["decode only"].append(time.process_time() - begin)
            sample = WindowSample(2000, 3_600_000)
            times["windows"].append(run(records, reference, [], 40)[0])
            times["windows, sample"].append(run(records, reference, [sample.add], 40)[0])
            with tempfile.TemporaryDirectory() as folder:
                store = LabelStore(Path(folder) / f"labels{repeat}.db")
                spent, watch = run(records, reference, [sample.add, store.add_decisions], 40)
                times["windows, sample, labels"].append(spent)
                store.close()
        print(f"\nmicro-batches of {batch} ({sum(map(len, records)) / n:.0f} bytes a decision)")
        for name, spent_s in times.items():
            median = statistics.median(spent_s)
            best = min(spent_s)
            print(
                f"  {name:26} {n / median:10,.0f} decisions/s a core, {median / n * 1e6:5.1f} us each;"
                f" best {n / best:,.0f}/s"
            )
        begin = time.process_time()
        watch.tick()
        tick = time.process_time() - begin
        begin = time.process_time()
        size = len(encode_state(watch.states[0]))
        save = time.process_time() - begin
        begin = time.process_time()
        text = generate_latest(watch._metrics.registry)
        scrape = time.process_time() - begin
        rss = psutil.Process().memory_info().rss
        print(
            f"  tick {tick * 1000:.0f} ms, snapshot {save * 1000:.0f} ms ({size / 1e6:.2f} MB),"
            f" scrape {scrape * 1000:.0f} ms"
        )
        print(f"  ({text.count(b'{'):,} series, {rss / 1e6:.0f} MB of memory, benchmark's records included)")


if __name__ == "__main__":
    main()
