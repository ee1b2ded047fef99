"""What each incident of a cluster costs: `make bench-cluster`, on a cluster that `make cluster` brought up.

Applications come through Kafka as independent applicants do, and people call the HTTP door of every worker, while one
thing happens: a worker joins, is drained, killed, frozen or cut off, the head or a coordinator is killed. It ends after
twenty seconds, and the next begins once every replica runs again. Latencies run from the intended moment.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from benchmarks.cluster.callers import call_doors
from benchmarks.cluster.figures import Cost, cost_of, table
from benchmarks.cluster.incidents import Incident, incidents
from benchmarks.cluster.plot import draw
from benchmarks.load.schedule import Schedule
from benchmarks.load.stream import StreamDoor, StreamRun, stream_run
from credit.errors import LoanstreamError
from credit.wire.topics import Topics
from deploy.cluster import ray_nodes
from deploy.cluster.__main__ import DEFAULT_HOME, status
from deploy.cluster.cluster import Cluster
from deploy.cluster.waiting import wait_for
from streaming.feed import read_rows

_BEFORE_S, _AFTER_S = 15.0, 25.0
_HEALTHY_S = 300.0
_CLIENTS = 500


def main() -> int:
    """Play the incidents one after another; the last line is for machines."""
    parser = argparse.ArgumentParser(prog="make bench-cluster", description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, default=DEFAULT_HOME, help="folder of the running cluster")
    parser.add_argument("--data", type=Path, help="folder of tables whose application_test is sent; else the cluster's")
    parser.add_argument("--rate", type=float, default=100.0, help="applications a second through Kafka")
    parser.add_argument("--calls", type=float, default=5.0, help="HTTP calls a second at each worker's door")
    parser.add_argument("--only", default="", help="incidents by name, with commas between")
    parser.add_argument("--plot", type=Path, help="draw the waits there, as SVG or PNG")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    try:
        return _play_all(Cluster.of(options.home), options)
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _play_all(cluster: Cluster, options: argparse.Namespace) -> int:
    costs: list[Cost] = []
    runs: list[tuple[str, float, float, StreamRun]] = []
    chosen = [each for each in incidents(cluster) if not options.only or each.name in options.only.split(",")]
    folder = options.data or cluster.home / "bank" / "data"
    door = _door(cluster, next(folder.glob("application_test.*")))
    for incident in chosen:
        _wait_until_whole(cluster)
        _say(f"{incident.name}\n{status(cluster)}")
        cost, began, ended, run = _play(cluster, incident, door, options)
        costs.append(cost)
        runs.append((incident.name, began, ended, run))
        _say(table([cost]))
    _wait_until_whole(cluster)
    _say("\n" + table(costs))
    if options.plot:
        draw(runs, options.plot)
    if options.json:
        options.json.write_text(json.dumps([asdict(cost) for cost in costs], indent=2) + "\n")
    quiet = max(cost.quiet_s for cost in costs)
    _say(f"incidents={len(costs)} quiet_s={quiet:.1f} failed_elsewhere={sum(cost.failed for cost in costs)}")
    return 0


def _play(
    cluster: Cluster, incident: Incident, door: StreamDoor, options: argparse.Namespace
) -> tuple[Cost, float, float, StreamRun]:
    seconds = _BEFORE_S + incident.lasts_s + _AFTER_S
    clients = tuple(row["SK_ID_CURR"] for row, _ in zip(read_rows(door.table), range(_CLIENTS), strict=False))
    times: list[float] = []
    thread = threading.Thread(target=_happen, args=(incident, times), daemon=True)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        mute = [cluster.hosts[name].address for name in incident.silent if name in cluster.hosts]
        silent = [door for door in cluster.doors() if any(f"//{address}:" in door for address in mute)]
        calling = apart.submit(
            call_doors, tuple(cluster.doors()), cluster.credentials.api_key, clients, options.calls, seconds
        )
        thread.start()
        run = stream_run(door, Schedule.lasting(seconds, options.rate))
        calls = calling.result()
    thread.join()
    began, ended = times
    for call in calls:
        if call.problem and call.door not in silent:
            _say(f"  {call.at - began:+.1f} s, {call.door} after {call.seconds:.1f} s: {call.problem}")
    return cost_of(incident.name, began, run, calls, silent), began, ended, run


def _happen(incident: Incident, times: list[float]) -> None:
    time.sleep(_BEFORE_S)
    times.append(time.time())
    mend = incident.begin()
    time.sleep(max(0.0, times[0] + incident.lasts_s - time.time()))
    mend()
    times.append(time.time())


def _wait_until_whole(cluster: Cluster) -> None:
    """Wait until every deployment has all its replicas, on more than one node."""
    wait_for(
        lambda: ray_nodes.whole(cluster.plan, cluster.credentials), _HEALTHY_S, "the replicas are not on two nodes each"
    )


def _door(cluster: Cluster, applications: Path) -> StreamDoor:
    topics = Topics()
    security = cluster.kafka_security().librdkafka_options()
    names = (topics.applications_topic, topics.decisions_topic)
    return StreamDoor("Kafka", cluster.plan.bootstrap, *names, applications, security)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
