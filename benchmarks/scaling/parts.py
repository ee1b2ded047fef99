"""Measures what other benchmarks leave open: message sizes, Redis, and the broker's CPU: `make bench-scaling`.

Writes the figures into benchmarks/scaling/measured.json, beside those that come from other benchmarks.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil

from benchmarks.decided import Deciding, applications, make_model, make_topics, send
from benchmarks.ending import all_ended
from benchmarks.scaling.measured import CoreFigure, write
from benchmarks.stream import TimedGraph
from credit.features import CATALOG
from credit.wire.application import encode_application, parse_applications
from credit.wire.audit import SourceRange, encode_audit
from credit.wire.decision import encode_decisions
from feature_store.layout import StoreMeta, pack
from feature_store.store import open_store, open_writer
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from training.data.generation.generate import generate

_AGAIN = "make bench-scaling"
_CLIENTS, _TURNS, _ASKED = 20_000, 200, 500


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling.parts", description=__doc__)
    parser.add_argument("--trees", type=int, default=900)
    parser.add_argument("--applications", type=int, default=40_000)
    parser.add_argument("--model", type=Path, help="folder of a registered model; trained on synthetic tables without")
    options = parser.parse_args()
    found: dict[str, CoreFigure] = {}
    with all_ended() as ending:
        home = Path(tempfile.mkdtemp(prefix="bench-scaling-"))
        ending.callback(shutil.rmtree, home, ignore_errors=True)
        if options.model:
            generate(home / "data", 2_000, 2_000, seed=1)
            table, model = home / "data" / "application_test.parquet", options.model
        else:
            table, model = make_model(home, options.trees)
        found |= _messages(table, model)
        found |= _broker(home, table, model, options.applications)
        port = free_port()
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)],
            stdout=subprocess.DEVNULL,
        )
        ending.callback(server.wait, 10)
        ending.callback(server.terminate)
        found |= _redis(table, f"redis://127.0.0.1:{port}/0", server.pid)
    for name, figure in found.items():
        print(f"{name}: {figure.value:g} {figure.unit}")
    write(found)


def _messages(table: Path, model: Path) -> dict[str, CoreFigure]:
    graph = TimedGraph(model)
    messages = [encode_application(message) for message in applications(table, 500)]
    whole = parse_applications(messages, [round(time.time() * 1000)] * len(messages)).batch
    sizes = {}
    for size in (50, 500):
        decided = graph.decide(whole.take(list(range(size))))
        record = encode_audit(decided, "kafka", [SourceRange("loan-applications", 0, 0, size - 1)])
        features = len(decided.model.features)
        what = f"of an audit record, micro-batches of {size}, {features} features with contributions"
        sizes[f"audit_bytes_{size}"] = CoreFigure(round(len(record) / size), "bytes a decision", what, _AGAIN)
    answers = encode_decisions(graph.decide(whole))
    mean = round(sum(map(len, answers)) / len(answers))
    return sizes | {"decision_bytes": CoreFigure(mean, "bytes", "a decision with its reasons, as JSON", _AGAIN)}


def _broker(home: Path, table: Path, model: Path, count: int) -> dict[str, CoreFigure]:
    broker = EmbeddedBroker(home / "kafka", free_port())
    broker.start()
    try:
        settings = make_topics(broker.bootstrap)
        send(settings, applications(table, 5_000))
        with Deciding(settings, model) as deciding:
            deciding.wait(5_000)  # the JVM has compiled what it needs by then
            (java,) = [one for one in psutil.Process().children(recursive=True) if "java" in one.name()]
            before = java.cpu_times()
            send(settings, applications(table, count))
            deciding.wait(5_000 + count)
            after = java.cpu_times()
    finally:
        broker.stop()
    spent = after.user + after.system - before.user - before.system
    what = "one broker takes applications, gives them out, and keeps decisions and audit; no copies"
    return {"broker_cpu_us": CoreFigure(round(1e6 * spent / count, 1), "us of CPU a decision", what, _AGAIN)}


def _redis(table: Path, url: str, pid: int) -> dict[str, CoreFigure]:
    import redis

    server = redis.Redis.from_url(url)
    rng = np.random.default_rng(1)
    width = len(CATALOG.history_names)
    ids = list(range(100_001, 100_001 + _CLIENTS))
    vectors = pack(rng.normal(size=(_CLIENTS, width)).astype(np.float32))
    forms = [encode_application(one) for one in applications(table, _CLIENTS)]
    held = [int(server.info("memory")["used_memory"])]
    writer = open_writer(Path(), url)
    writer.begin("benchmark", CATALOG.history_hash)
    writer.put(list(zip(ids, vectors, strict=True)), [], ids[-1])
    held.append(int(server.info("memory")["used_memory"]))
    writer.put([], list(zip(ids, forms, strict=True)), ids[-1])
    held.append(int(server.info("memory")["used_memory"]))
    writer.finish(StoreMeta(CATALOG.history_hash, _CLIENTS, _CLIENTS, "", ""))
    store = open_store(Path(), url, CATALOG.history_hash, width)
    process, me = psutil.Process(pid), psutil.Process()
    asked = [rng.choice(ids, _ASKED, replace=False) for _ in range(_TURNS)]
    store.history(asked[0])
    spent = [sum(process.cpu_times()[:2]), sum(me.cpu_times()[:2])]
    for some in asked:
        store.history(some)
    spent = [sum(process.cpu_times()[:2]) - spent[0], sum(me.cpu_times()[:2]) - spent[1]]
    each = [round(1e6 * one / (_ASKED * _TURNS), 1) for one in spent]
    history, form = (round((b - a) / _CLIENTS) for a, b in pairwise(held))
    return {
        "redis_cpu_us": CoreFigure(each[0], "us of CPU a client", f"Redis, asked for {_ASKED} vectors at once", _AGAIN),
        "redis_client_us": CoreFigure(each[1], "us of CPU a client", "whoever asks for them", _AGAIN),
        "redis_history_bytes": CoreFigure(history, "bytes a client", f"{width} history features in Redis", _AGAIN),
        "redis_application_bytes": CoreFigure(form, "bytes a client", "the application on file in Redis", _AGAIN),
    }


if __name__ == "__main__":
    main()
