"""CPU and memory of the running monitor at a steady rate: `python -m benchmarks.monitor_live`.

Publishes audit records with every feature of the catalog to a topic of its own, on the broker that
KAFKA_BOOTSTRAP_SERVERS names or an embedded one, and watches the process `python -m monitoring`, reports switched off
(they are another process).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa

from benchmarks.monitor import POLICY, audit_records, feature_rows
from credit.features import CATALOG
from credit.manifest import Calibration, ModelManifest
from registered_model.manifest_file import file_sha256, write_manifest
from streaming.broker.ports import free_port
from streaming.kafka.admin import ensure_topics
from streaming.kafka.topics import TopicSpec

WARM_UP_S = 15
START_S = 120.0
# A monitor that does not read what was sent by then has not kept up: the table shows how much it has.
CATCH_UP_S = 10.0


def write_reference(folder: Path) -> None:
    """Write the model folder that the monitor finds instead of asking a registry."""
    folder.mkdir(parents=True)
    names = CATALOG.names
    rows = feature_rows(5000, names, 0)
    p = np.random.default_rng(0).beta(1, 10, 5000)
    table = pa.table({**{name: rows[:, i] for i, name in enumerate(names)}, "probability": p})
    with pa.ipc.new_file(str(folder / "reference.arrow"), table.schema) as writer:
        writer.write_table(table)
    (folder / "booster.txt").write_text("-\n")
    write_manifest(
        folder,
        ModelManifest(
            name="loanstream",
            catalog_hash=CATALOG.hash,
            features=names,
            booster="booster.txt",
            files_sha256={"booster.txt": file_sha256(folder / "booster.txt")},
            calibration=Calibration(),
            policy=POLICY,
            typical=(None,) * len(names),
            trained_at="",
            data_digest="",
            seed=0,
        ),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1000, help="decisions a second")
    parser.add_argument("--batch", type=int, default=50, help="decisions in a micro-batch")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--port", type=int, default=19465)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        if servers is None:
            from streaming.broker.embedded import EmbeddedBroker

            broker = EmbeddedBroker(folder / "kafka", free_port())
            broker.start()
            stack.callback(broker.stop)
            servers = broker.bootstrap
        measure(options, servers, folder)


def counted(page: str) -> float:
    """Return how many decisions the monitor has counted, from its metrics."""
    with urllib.request.urlopen(page) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("loanstream_decisions_total"))


def until(holds: Callable[[], bool], timeout_s: float) -> None:
    """Wait until something holds, or the time is over."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if holds():
                return
        time.sleep(0.5)


def measure(options: argparse.Namespace, servers: str, folder: Path) -> None:
    """Run the monitor beside a steady stream and print one table."""
    import kafka
    from rich.console import Console
    from rich.table import Table

    topic = f"audit-{uuid.uuid4().hex[:8]}"
    ensure_topics(servers, 4, specs=[TopicSpec(topic, 1, 16 * 1024 * 1024)])
    write_reference(folder / "references" / "version-1")
    env = os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": servers,
        "LOANSTREAM_MONITOR_HOME": str(folder),
        "LOANSTREAM_MONITOR_PORT": str(options.port),
        "LOANSTREAM_MONITOR_AUDIT_TOPIC": topic,
        "LOANSTREAM_MONITOR_GROUP_ID": topic,
        "LOANSTREAM_MONITOR_REPORT_S": "0",
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "monitoring"], env=env)
    watched = psutil.Process(process.pid)
    producer = kafka.KafkaProducer(bootstrap_servers=servers.split(","), compression_type=None)
    page = f"http://127.0.0.1:{options.port}/metrics"
    try:
        until(lambda: counted(page) >= 0, START_S)
        per_tick = max(options.rate // options.batch, 1)
        before: tuple[float, float] | None = None
        scrapes: list[float] = []
        for second in range(options.seconds + WARM_UP_S):
            begin = time.monotonic()
            if second == WARM_UP_S:
                before = (time.monotonic(), sum(watched.cpu_times()[:2]))
            start_ms = int(time.time() * 1000) - 1000
            first = second * per_tick
            records = audit_records(per_tick, options.batch, CATALOG.names, start_ms, float(options.rate), first)
            for i, value in enumerate(records, first):
                producer.send(topic, value, partition=i % 4)
            producer.flush()
            if second % 5 == 4 and second > WARM_UP_S:
                asked = time.monotonic()
                counted(page)
                scrapes.append(time.monotonic() - asked)
            time.sleep(max(0.0, 1.0 - (time.monotonic() - begin)))
        assert before is not None
        wall, cpu = time.monotonic() - before[0], sum(watched.cpu_times()[:2]) - before[1]
        sent = (options.seconds + WARM_UP_S) * per_tick * options.batch
        until(lambda: counted(page) >= sent, CATCH_UP_S)
        table = Table(title=f"the monitor, {len(CATALOG.names)} features, micro-batches of {options.batch}")
        for name in ("decisions/s", "read of sent", "CPU, % of a core", "memory, MB", "scrape every 5 s, ms"):
            table.add_column(name, justify="right")
        table.add_row(
            f"{options.seconds * per_tick * options.batch / wall:,.0f}",
            f"{counted(page):,.0f} of {sent:,}",
            f"{100 * cpu / wall:.1f}",
            f"{watched.memory_info().rss / 1e6:.0f}",
            f"{1000 * statistics.median(scrapes):.0f}",
        )
        Console().print(table)
    finally:
        producer.close()
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
