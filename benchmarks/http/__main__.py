"""Servers side by side over HTTP, every answer explained: `make bench-http`.

wrk cycles through clients on file at 1, 8 and 64 connections; the servers are started one after another, with the same
model, feature store and broker. CPU is that of all processes of a server, the broker's aside.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.http.cpu import cpu_seconds, of_process
from benchmarks.http.floor import AUDIT_TOPIC as FLOOR_TOPIC
from benchmarks.http.load import Asked, LoadFigures, WrkLoad
from benchmarks.http.parts import PartFigures, parts, show_parts
from benchmarks.http.servers import EARLIER, RunningServer, Server, earlier, ids_of, loanstream, one_process, prepare
from credit.errors import LoanstreamError
from loanstream.stack.home import Home
from serve_app.settings import ServingSettings
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port
from streaming.kafka.acknowledged import AcknowledgedProducer
from streaming.kafka.admin import ensure_topics
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.topics import TopicSpec

CONNECTIONS = (1, 8, 64)
_WARM_S = 3.0
SEED, FLOOR, FLOOR_OURS = "FastAPI with shap", "floor, audit by kafka-python", "floor, audit by librdkafka"
MLSERVER = "MLServer, no audit"
OURS, OURS_UNAUDITED, COMPOSED = "Loanstream fused", "Loanstream fused, audit off", "Loanstream composed"
_V2 = Asked(
    "/v2/models/explain/infer",
    '{"inputs":[{"name":"sk_id_curr","shape":[1,1],"datatype":"INT64","data":[ID]}]}',
    "/v2/models/explain/ready",
)

_COMPARED = (
    (OURS, FLOOR),
    (OURS, FLOOR_OURS),
    (OURS_UNAUDITED, MLSERVER),
    (COMPOSED, EARLIER),
    (OURS, EARLIER),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One server under one load; CPU in milliseconds an answer, of the server and of the broker."""

    server: str
    audited: bool
    connections: int
    figures: LoadFigures
    cpu_ms: float
    broker_cpu_ms: float


@dataclass(frozen=True, slots=True)
class Others:
    """What is measured only where it is there.

    before: files of a former version of this project; mlserver: the Python of an environment with MLServer.
    """

    clients: int
    before: Path | None = None
    mlserver: str | None = None


def servers(home: Home, ids: Path, bootstrap: str, others: Others) -> list[Server]:
    """Return what is measured, in this order."""
    env = {
        "MLFLOW_TRACKING_URI": home.mlflow_uri,
        "LOANSTREAM_FEATURE_STORE": str(home.features),
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
    }
    floor = "benchmarks.http.floor"
    optional = []
    if others.mlserver:
        module = "benchmarks.http.mlserver_runtime"
        optional.append(one_process(MLSERVER, False, module, [], env, others.mlserver, _V2))
    if others.before:
        optional.append(earlier(others.before.resolve(), Home.at(home.root / "before"), others.clients))
    return [
        one_process(SEED, False, "benchmarks.http.usual", ["--ids", str(ids)], env),
        one_process("floor, no audit", False, floor, [], env),
        one_process(FLOOR, True, floor, ["--audit", "kafka-python"], env),
        one_process(FLOOR_OURS, True, floor, ["--audit", "librdkafka"], env),
        *optional,
        loanstream(home, "fused", "acknowledged"),
        loanstream(home, "fused", "off"),
        loanstream(home, "composed", "acknowledged"),
        loanstream(home, "composed", "off"),
    ]


def measure(server: Server, ids: Path, broker_pid: int, seconds: float) -> Iterator[Cell]:
    """Start a server, measure it at all loads and end it."""
    with server.start() as running:
        load = WrkLoad(running.url, running.api_key, ids, running.asked)
        for connections in reversed(CONNECTIONS):  # the broker's Java too compiles what it has run often
            load.run(connections, _WARM_S)
        for connections in CONNECTIONS:
            cell = _cell(server, running, load, connections, broker_pid, seconds)
            figures = cell.figures
            print(f"  {server.name}, {connections}: {figures.per_s:.0f}/s, p50 {figures.p50_ms:.2f}", file=sys.stderr)
            yield cell


def _cell(
    server: Server, running: RunningServer, load: WrkLoad, connections: int, broker_pid: int, seconds: float
) -> Cell:
    broker = of_process(broker_pid)
    processes = running.processes()
    before, broker_before = cpu_seconds(processes), cpu_seconds(broker())
    figures = load.run(connections, seconds)
    spent, broker_spent = cpu_seconds(processes) - before, cpu_seconds(broker()) - broker_before
    per_answer = 1000 / max(1, figures.count)
    return Cell(server.name, server.audited, connections, figures, spent * per_answer, broker_spent * per_answer)


def show(cells: Sequence[Cell]) -> None:
    """Print the table and the ratios, the last line for machines."""
    head = "".join(f"{f'{c} conn.':>10}" for c in CONNECTIONS)
    print(f"{'answers a second':34}{head}{'p50 at 1':>10}{'p99 at 64':>11}{'CPU at 64':>11}{'broker':>8}  failed")
    by_server: dict[str, dict[int, Cell]] = {}
    for cell in cells:
        by_server.setdefault(cell.server, {})[cell.connections] = cell
    by_server = {name: row for name, row in by_server.items() if len(row) == len(CONNECTIONS)}
    for name, row in by_server.items():
        rates = "".join(f"{row[c].figures.per_s:10.0f}" for c in CONNECTIONS)
        one, many = row[1], row[64]
        print(
            f"{name:34}{rates}{one.figures.p50_ms:10.2f}{many.figures.p99_ms:11.1f}{many.cpu_ms:11.2f}"
            f"{many.broker_cpu_ms:8.2f}  {sum(c.figures.failures for c in row.values())}"
        )
    for ratio in _ratios(by_server):
        print(ratio)
    if {SEED, FLOOR, OURS} <= by_server.keys():
        ours, floor, seed = (by_server[name] for name in (OURS, FLOOR, SEED))
        print(
            f"ratio_floor={ours[64].figures.per_s / floor[64].figures.per_s:.2f} "
            f"ratio_seed={ours[64].figures.per_s / seed[64].figures.per_s:.2f} "
            f"p50_1={ours[1].figures.p50_ms:.2f} cpu_64={ours[64].cpu_ms:.2f}"
        )


def _ratios(by_server: Mapping[str, Mapping[int, Cell]]) -> Iterator[str]:
    """Yield a line for each two servers that were measured and are to be compared."""
    for name, other in _COMPARED:
        if name in by_server and other in by_server:
            ours, theirs = by_server[name], by_server[other]
            yield (
                f"{name} against {other}: p50 at 1 {ours[1].figures.p50_ms / theirs[1].figures.p50_ms:.2f} times, rate "
                f"at 1 {ours[1].figures.per_s / theirs[1].figures.per_s:.2f} times, "
                f"at 64 {ours[64].figures.per_s / theirs[64].figures.per_s:.2f} times"
            )


def main() -> int:
    """Measure all, or those named, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench-http", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".bench-http"), help="Home with model and features to use.")
    parser.add_argument("--clients", type=int, default=6000, help="Clients to train on where the home is new.")
    parser.add_argument("--seconds", type=float, default=10.0, help="Length of each measurement.")
    parser.add_argument("--only", nargs="+", help="Measure servers whose name has one of these in it.")
    parser.add_argument("--before", type=Path, help="Files of a former version of this project to measure too.")
    parser.add_argument("--mlserver", help="Python of an environment with MLServer, to measure that too.")
    parser.add_argument("--json", type=Path, help="Write the figures there too.")
    options = parser.parse_args()
    home = Home.at(options.home)
    others = Others(options.clients, options.before, options.mlserver)
    cells: list[Cell] = []
    costs: list[PartFigures] = []
    failed = 0
    try:
        with tempfile.TemporaryDirectory() as temporary:
            for found in _measured(home, Path(temporary), others, options.seconds, options.only):
                if isinstance(found, Cell):
                    cells.append(found)
                else:
                    costs.append(found)
    except LoanstreamError as error:
        print(f"error: {error}", file=sys.stderr)
        failed = 1
    except KeyboardInterrupt:
        failed = 130
    # Also where a server did not start or the command was ended: what came before it was measured.
    show_parts(costs)
    show(cells)
    if options.json:
        options.json.write_text(json.dumps([*map(asdict, cells), *map(asdict, costs)], indent=2) + "\n")
    return failed


def _parts(home: Home, ids: Path, bootstrap: str) -> list[PartFigures]:
    settings = ServingSettings(tracking_uri=home.mlflow_uri, feature_store=home.features)
    writer = AcknowledgedProducer(bootstrap, KafkaSecurity(), 5.0, 8 * 1024 * 1024)
    try:
        return parts(settings, [int(line) for line in ids.read_text().split()], writer)
    finally:
        writer.close()


def _measured(
    home: Home, temporary: Path, others: Others, seconds: float, only: list[str] | None
) -> Iterator[Cell | PartFigures]:
    prepare(home, others.clients)
    ids = ids_of(next(home.data.glob("application_test.*")), 2000, temporary / "ids")
    broker = EmbeddedBroker(temporary / "kafka", free_port())
    broker.start()
    try:
        assert broker.pid is not None
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] = broker.bootstrap
        ensure_topics(broker.bootstrap, 4, specs=[TopicSpec(FLOOR_TOPIC, retention_days=1)])
        for server in servers(home, ids, broker.bootstrap, others):
            if not only or any(part in server.name for part in only):
                yield from measure(server, ids, broker.pid, seconds)
        yield from _parts(home, ids, broker.bootstrap)
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(main())
