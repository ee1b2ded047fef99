"""What each step of a start does: bring one part of the stack up, or find that it is there already."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from credit.errors import StackError
from loanstream.stack import desk, ledger, monitor, ray_node
from loanstream.stack.graph import GraphState, graph_state, is_ready, reads_the_stream
from loanstream.stack.jobs import run_job, start_job
from loanstream.stack.laps import Laps, replica_starts
from loanstream.stack.prepared import prepared_for, tables_of, write_prepared
from loanstream.stack.process import MARK, Processes, ProcessSpec
from loanstream.stack.steps import Progress, Result
from loanstream.stack.surroundings import Place
from streaming.broker.ports import LOOPBACK

# Generous: a busy machine is slow, and a process that died is noticed at once.
START_TIMEOUT_S = 300.0
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a start is asked for.

    data: folder of the user's tables; None means synthetic ones in the home, made of the given size if there are none;
    any_champion: whether a model and features of other tables will do; wait_for_desk: until it answers;
    made_up_identities: whether clients get names and faces that are nobody's.
    """

    data: Path | None = None
    clients_train: int = 20_000
    clients_test: int = 20_000
    seed: int = 42
    any_champion: bool = False
    retrain: bool = False
    prometheus: bool = True
    wait_for_desk: bool = True
    made_up_identities: bool = False


class Actions:
    """The actions of a start's steps, each safe to run in a thread of its own."""

    def __init__(self, place: Place, processes: Processes, wanted: Wanted) -> None:
        self._place = place
        self._home = place.home
        self._processes = processes
        self._wanted = wanted
        self._data = wanted.data or (tables_of(place.home) if wanted.any_champion else place.home.data)
        self._serve_env = ray_node.serve_environment(place.home, place.ports)
        self._deployer: subprocess.Popen[bytes] | None = None

    def broker(self, progress: Progress) -> Result:
        """Start the embedded Kafka, or use the one that is named, and see to the topics."""
        from streaming.kafka.admin import ensure_topics
        from streaming.kafka.security import KafkaSecurity
        from streaming.kafka.topics import standard_topics
        from streaming.settings import StreamingSettings

        around = self._place.around
        if around.bootstrap is None:
            from streaming.broker.embedded import EmbeddedBroker

            os.environ[MARK] = self._home.key  # the broker starts its process itself, with our environment
            broker = EmbeddedBroker(self._home.kafka, self._place.ports.kafka, start_timeout_s=START_TIMEOUT_S)
            broker.start(progress.say)
            if broker.pid is not None:
                self._processes.adopt("kafka", broker.pid, grace_s=30.0, order=0)
        progress.say("topics")
        replication = 1 if around.bootstrap is None else -1
        security = KafkaSecurity().client_options()
        specs = standard_topics(self._place.topics, StreamingSettings().audit_retention_days)
        ensure_topics(self._place.bootstrap, around.partitions, replication, specs=specs, security=security)
        return Result(f"{'embedded, ' if around.bootstrap is None else ''}{self._place.bootstrap}")

    def ray(self, progress: Progress) -> Result:
        """Start Ray's head node for this home."""
        if self._place.around.ray_address is not None:
            return Result(f"cluster at {self._place.around.ray_address}", reused=True)
        progress.say("head node")
        env = {**self._place.environment(), **self._place.secrets(), **self._serve_env}
        ray_node.start_ray(self._home, self._place.ports, self._processes, env)
        ports = self._place.ports
        self._processes.wait_until(
            lambda: ray_node.is_ready(self._home, ports), ray_node.NAME, "answering", START_TIMEOUT_S
        )
        return Result(f"dashboard http://{LOOPBACK}:{ports.ray_dashboard}")

    def program(self, progress: Progress) -> Result:
        """Start the program that deploys the graph: it imports and builds while Ray and the broker start."""
        progress.say("starting")
        place = self._place
        doors = ["--http-port", str(place.ports.http), "--grpc-port", str(place.ports.grpc)]
        command = [sys.executable, "-m", "serve_app", "--address", "-", *doors]
        env = {**place.environment(), **place.secrets(), **self._serve_env}
        self._deployer = self._processes.start(ProcessSpec("graph", command, env=env), stdin=subprocess.PIPE)
        return Result("builds the graph while the others start")

    def data(self, progress: Progress) -> Result:
        """Check the tables, or make synthetic ones where there are none."""
        if self._data != self._home.data:
            from training.data.tables import find_tables

            find_tables(self._data)
            return Result(str(self._data), reused=True)
        if any(self._home.data.glob("application_train.*")):
            return Result("synthetic, as they are", reused=True)
        wanted = self._wanted
        arguments = {
            "out": str(self._home.data),
            "clients_train": wanted.clients_train,
            "clients_test": wanted.clients_test,
            "seed": wanted.seed,
        }
        run_job(self._processes, "generate", arguments, self._place.environment(), progress.say)
        return Result(f"synthetic, {wanted.clients_train:,} clients to train on, {wanted.clients_test:,} to come")

    def train(self, progress: Progress) -> Result:
        """Train and register a champion, unless the registry has one of these tables."""
        prepared = prepared_for(self._home, self._data)
        registry = self._place.tracking_uri
        # The registry of the home is nobody else's: what was trained there is there, and MLflow costs seconds to ask.
        if prepared.trained_in == registry and self._home.mlflow_db.is_file() and not self._wanted.retrain:
            return Result("champion as it is", reused=True)
        look = run_job(self._processes, "champion", {}, self._place.environment(), progress.say)
        if (
            look["version"]
            and not self._wanted.retrain
            and (prepared.trained_in == registry or self._wanted.any_champion)
        ):
            return Result(f"champion is version {look['version']}{_auc(look)}", reused=True)
        arguments = {"data": str(self._data), "seed": self._wanted.seed}
        trained = run_job(self._processes, "train", arguments, self._place.environment(), progress.say)
        write_prepared(self._home, replace(prepared, trained_in=registry))
        return Result(f"version {trained['version']}{_auc(trained)}")

    def materialize(self, progress: Progress) -> Result:
        """Write all clients' history vectors into the online store, unless they are there."""
        from credit.features import CATALOG

        prepared = prepared_for(self._home, self._data)
        store = self._place.redis_url or str(self._home.features)
        key = f"{CATALOG.history_hash[:16]} {store}"
        if prepared.materialized == key or (self._wanted.any_champion and any(self._home.features.iterdir())):
            return Result("as they are", reused=True)
        arguments = {"data": str(self._data)}
        done = run_job(self._processes, "materialize", arguments, self._place.environment(), progress.say)
        write_prepared(self._home, replace(prepared, materialized=key))
        return Result(f"{done['clients']:,} clients in {'Redis' if self._place.redis_url else 'LMDB'}")

    def graph(self, progress: Progress) -> Result:
        """Deploy the Serve graph with the gateway and wait until it can decide."""
        place, child = self._place, self._deployer
        assert child is not None  # the step `program` has started it
        assert child.stdin is not None
        laps, deployed = Laps(), False
        with contextlib.suppress(BrokenPipeError):  # it has ended already, and its log says why
            child.stdin.write(f"{place.around.ray_address or ray_node.address(self._home)}\n".encode())
            child.stdin.close()
        while True:
            try:
                code = child.wait(timeout=_LOOK_S)
                break
            except subprocess.TimeoutExpired:
                state = graph_state(place)
                if state is not None and state.deployments and not deployed:
                    deployed = True
                    laps.lap("controller and proxies")
                _tell(progress, state)
        self._processes.stop("graph")
        if code:
            raise StackError(f"the graph was not deployed: {_last_words(self._home.log('graph'))}")
        laps.lap("replicas")
        progress.say("waiting until it is ready")
        self._processes.wait_until(lambda: is_ready(place), ray_node.NAME, "the graph's being ready", START_TIMEOUT_S)
        laps.lap("until it decides")
        progress.say("waiting until it reads the stream")
        self._processes.wait_until(
            lambda: reads_the_stream(place), ray_node.NAME, "the gateway's joining its group", START_TIMEOUT_S
        )
        laps.lap("until it reads the stream")
        started = () if place.around.ray_address else replica_starts(ray_node.serve_logs(self._home))
        return Result(place.http, parts=(*laps.parts(), *started))

    def monitor(self, progress: Progress) -> Result:
        """Start the monitor."""
        progress.say("starting")
        monitor.start(self._place, self._processes)
        return Result(f"http://{LOOPBACK}:{self._place.ports.metrics}")

    def ledger(self, progress: Progress) -> Result:
        """Start the ledger's sink and its HTTP door."""
        progress.say("starting")
        ledger.start(self._place, self._processes, self._wanted.made_up_identities)
        return Result(self._place.ledger)

    def desk(self, progress: Progress) -> Result:
        """Start the desk, and wait for it where whoever starts has nothing more urgent to show."""
        progress.say("starting")
        desk.begin(self._place, self._processes)
        if not self._wanted.wait_for_desk:
            return Result(f"{self._place.desk} in a few seconds")
        desk.wait(self._place, self._processes)
        return Result(self._place.desk)

    def book(self, progress: Progress) -> Result:
        """Begin to make the book of the clients on file, which nothing waits for."""
        progress.say("starting")
        start_job(self._processes, "book", {"data": str(self._data)}, self._place.environment())
        return Result("is made beside the stream, where it is not there")

    def prometheus(self, progress: Progress) -> Result:
        """Start Prometheus where it is installed; the stack does not need it."""
        binary = shutil.which("prometheus")
        if binary is None or not self._wanted.prometheus:
            return Result("not installed, so not started" if binary is None else "not wanted", reused=True)
        progress.say("starting")
        return monitor.start_prometheus(self._place, self._processes, Path(binary))


def _tell(progress: Progress, state: GraphState | None) -> None:
    if state is None or not state.deployments:
        progress.say("building it")
        return
    healthy = sum(1 for deployment in state.deployments.values() if deployment.healthy)
    starting = [name for name, deployment in state.deployments.items() if not deployment.healthy]
    progress.say(f"starting {', '.join(starting)}" if starting else "routing", healthy / len(state.deployments))


def _auc(answer: dict[str, object]) -> str:
    auc = answer.get("auc")
    return f", AUC {auc:.3f}" if isinstance(auc, float) else ""


def _last_words(log: Path) -> str:
    """Return what a process ended with: its error in one line, or else the last line of its traceback and the log."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error: ")]
    if errors:
        return errors[-1].removeprefix("error: ")[:500]
    return f"{lines[-1][:500]} (read {log})" if lines else f"it said nothing (read {log})"
