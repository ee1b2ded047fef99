"""The gateway beside a bare transactional echo of the same sizes and beside the usual way: `make bench-stream`.

The gateway decides and explains with the real model in its own process, so that Kafka and deciding are measured and not
Ray's handles; `make bench` measures the whole stack at both doors. Rounds are interleaved and medians shown, so the
ratios hold on a machine that others use too. Latency runs from sending to the moment at which a reader of committed
records has the decision.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.stream_usual import echo, usual_way
from credit.application import ApplicationBatch, IntArray
from credit.decision import DecisionBatch
from credit.features import CATALOG
from credit.wire.application import encode_application
from feature_store.layout import HistoryArray, unpack
from registered_model.manifest_file import read_manifest
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.feed import envelope, read_rows
from streaming.gateway.collector import spare_collections
from streaming.gateway.gateway import Gateway
from streaming.kafka.admin import ensure_topics
from streaming.kafka.clients import reader
from streaming.kafka.topics import standard_topics
from streaming.settings import StreamingSettings

PARTITIONS = 4


class NoHistory:
    """An online store that knows no client."""

    def history(self, client_ids: IntArray) -> tuple[HistoryArray, npt.NDArray[np.bool_]]:
        return unpack([None] * len(client_ids), len(CATALOG.history_names))

    def applications(self, client_ids: IntArray) -> list[bytes | None]:
        return [None] * len(client_ids)


class TimedGraph:
    """The Serve graph's steps in this process, and the CPU time spent in them."""

    def __init__(self, model_folder: Path) -> None:
        self._graph = LocalGraph(FolderSource(model_folder), NoHistory())
        self.seconds = 0.0

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        begin = time.thread_time()
        decisions = self._graph.decide(batch)
        self.seconds += time.thread_time() - begin
        return decisions


@dataclass(frozen=True, slots=True)
class Latency:
    share: float
    rate: float
    p50_ms: float
    p99_ms: float
    decided: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__)
    parser.add_argument("--applications", type=int, default=20_000, help="of one round of gateway and echo")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--usual", type=int, default=150, help="applications of one round of the usual way")
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each latency measurement")
    parser.add_argument("--model", type=Path, help="a model's folder; trained on synthetic data without")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-stream-") as temporary:
        home = Path(temporary)
        broker = EmbeddedBroker(home / "kafka", free_port())
        print("preparing data and model ...", flush=True)
        table, folder = _prepare(home, options)
        broker.start()
        try:
            figures = _measure(broker.bootstrap, table, folder, options)
        finally:
            broker.stop()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def _measure(bootstrap: str, table: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    graph = TimedGraph(folder)
    # As the gateway's replica does; the echo in this process gains by it too.
    sys.setswitchinterval(0.0005)
    spare_collections()
    rows = list(read_rows(table))
    features = len(read_manifest(folder, None).features)
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores (the broker shares them); "
        f"{features} features, {len(encode_application(envelope(rows[0])))} bytes an application"
    )
    cores = sorted(os.sched_getaffinity(0))
    rates: dict[str, list[float]] = {}
    gateways: list[Any] = []
    written: tuple[list[bytes], bytes] | None = None
    for _ in range(options.rounds):
        for allowed in ([cores[0]], cores):
            os.sched_setaffinity(0, allowed)
            label = f"{len(allowed)} core{'s' if len(allowed) > 1 else ''}"
            settings = _topics(bootstrap)
            _fill(settings, rows, options.applications)
            rate, stats, spent = _gateway(settings, graph, options.applications)
            gateways.append((stats, spent))
            rates.setdefault(f"gateway, explained, {label}", []).append(rate)
            written = written or _written(settings)
            settings = _topics(bootstrap)
            _fill(settings, rows, options.applications)
            rates.setdefault(f"bare transactional echo, {label}", []).append(
                echo(settings, options.applications, *written)
            )
        os.sched_setaffinity(0, cores)
        settings = _topics(bootstrap)
        _fill(settings, rows, options.usual)
        rates.setdefault("the usual way", []).append(usual_way(settings, folder, options.usual))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    for name, value in sorted(medians.items(), key=lambda item: -item[1]):
        print(f"  {name:40s} {value:9.0f} a second   (rounds: {', '.join(f'{v:.0f}' for v in rates[name])})")
    usual = medians["the usual way"]
    for label in dict.fromkeys(name.rsplit(", ", 1)[1] for name in medians if "core" in name):
        gateway, bare = medians[f"gateway, explained, {label}"], medians[f"bare transactional echo, {label}"]
        print(f"  {label}: {gateway / bare:.2f} of the echo, {gateway / usual:.0f} times the usual way")
    profile = _profile(*gateways[-1])
    print("microseconds an application, by phase: " + ", ".join(f"{k} {v:.0f}" for k, v in profile.items()))
    most = max(value for name, value in medians.items() if name.startswith("gateway"))
    latencies = [_latency(bootstrap, table, graph, share, most, options.seconds) for share in (0.25, 0.5, 0.8)]
    for found in latencies:
        print(
            f"  latency at {found.share:.0%} ({found.rate:.0f} a second): p50 {found.p50_ms:.0f} ms, "
            f"p99 {found.p99_ms:.0f} ms over {found.decided} decisions"
        )
    return {
        "rates": rates,
        "medians": medians,
        "profile_us": profile,
        "latency": [{name: getattr(found, name) for name in Latency.__slots__} for found in latencies],
    }


def _prepare(home: Path, options: argparse.Namespace) -> tuple[Path, Path]:
    from training.data.generation.generate import generate
    from training.registry.registry import Registry
    from training.settings import TrainingSettings
    from training.train import train

    generate(home / "data", 3000, 2000, seed=1)
    (table,) = [path for path in (home / "data").iterdir() if path.stem == "application_test"]
    if options.model:
        return table, options.model
    store = f"sqlite:///{home}/mlflow.db"
    trained = train(home / "data", store, settings=TrainingSettings(trees=options.trees, folds=3), seed=1)
    return table, Registry(store).download("loanstream", trained.version)


def _topics(bootstrap: str) -> StreamingSettings:
    suffix = os.urandom(4).hex()
    names = ("applications", "decisions", "audit", "dead_letters", "outcomes", "shadow")
    settings = StreamingSettings.model_validate(
        {f"{name}_topic": f"{name}-{suffix}" for name in names}
        | {"bootstrap_servers": bootstrap, "group_id": f"group-{suffix}"}
    )
    ensure_topics(bootstrap, PARTITIONS, specs=standard_topics(settings))
    return settings


def _fill(settings: StreamingSettings, rows: list[dict[str, Any]], count: int) -> None:
    from kafka import KafkaProducer

    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap_servers, compression_type="lz4", batch_size=2**18, linger_ms=20
    )
    for number in range(count):
        message = envelope(rows[number % len(rows)], f"{number}-")
        producer.send(settings.applications_topic, encode_application(message), key=message["application_id"].encode())
    producer.close()


def _gateway(settings: StreamingSettings, graph: TimedGraph, count: int) -> tuple[float, Any, float]:
    spent = graph.seconds
    gateway = Gateway(settings, graph)
    gateway.start()
    _until(lambda: gateway.stats().applications > 0)
    first, begin = gateway.stats().applications, time.perf_counter()
    _until(lambda: gateway.stats().applications >= count)
    seconds = time.perf_counter() - begin
    stats = gateway.stats()
    gateway.stop()
    return (count - first) / seconds, stats, graph.seconds - spent


def _written(settings: StreamingSettings) -> tuple[list[bytes], bytes]:
    """Return what the gateway wrote: the decisions, and the audit records in one."""
    from streaming.kafka.reading import read_topics

    decisions = [r.value or b"" for r in read_topics(settings.bootstrap_servers, [settings.decisions_topic])]
    audits = [r.value or b"" for r in read_topics(settings.bootstrap_servers, [settings.audit_topic])]
    return decisions, b"".join(audits)


def _profile(stats: Any, graph_seconds: float) -> dict[str, float]:
    each = 1e6 / stats.applications
    return {name: seconds * each for name, seconds in stats.phase_s.items()} | {"graph (cpu)": graph_seconds * each}


def _latency(bootstrap: str, table: Path, graph: TimedGraph, share: float, most: float, seconds: float) -> Latency:
    settings = _topics(bootstrap)
    gateway = Gateway(settings, graph)
    gateway.start()
    _until(lambda: len(gateway.stats().partitions) == PARTITIONS)
    rate = share * most
    with get_context("spawn").Pool(1) as pool:
        times = pool.apply(_feed_and_read, (settings.model_dump(), str(table), rate, int(rate * seconds)))
    gateway.stop()
    p50, p99 = np.percentile(times, [50, 99])
    return Latency(share, rate, float(p50), float(p99), len(times))


def _feed_and_read(settings: dict[str, Any], table: str, rate: float, count: int) -> list[float]:
    """In a process of its own: send at a rate, read the decisions, return milliseconds from sending to reading."""
    from kafka import TopicPartition
    from pydantic_core import from_json

    from streaming.feed import feed

    consumer = reader(settings["bootstrap_servers"], fetch_max_wait_ms=5)
    partitions = [TopicPartition(settings["decisions_topic"], p) for p in range(PARTITIONS)]
    consumer.assign(partitions)
    consumer.seek_to_end(*partitions)
    for tp in partitions:
        consumer.position(tp)
    sender = threading.Thread(
        target=feed,
        args=(settings["bootstrap_servers"], Path(table)),
        kwargs={"rate": rate, "limit": count, "repeat": True, "topic": settings["applications_topic"]},
    )
    sender.start()
    times: list[float] = []
    last = time.monotonic()
    while len(times) < count and time.monotonic() - last < 20:
        for records in consumer.poll(timeout_ms=100).values():
            now = time.time() * 1000
            last = time.monotonic()
            times += [now - from_json(record.value or b"")["submitted_at"] for record in records]
    sender.join()
    # The first second is the group's and the caches' warming up.
    return times[int(rate) :] if len(times) > 3 * rate else times


def _until(condition: Callable[[], object], timeout_s: float = 300.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the gateway did not get there in time")
        time.sleep(0.01)  # often enough for rounds of seconds; more often, the asking would cost the gateway its time


if __name__ == "__main__":
    main()
