"""The deployments that the fault suite breaks: a graph that misbehaves when told to, and the gateways."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, Overloaded
from streaming.gateway.deployment import bind_gateway
from streaming.gateway.handle import GraphSource
from streaming.gateway.scaling import GatewayScaling
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import decide


class FaultyGraph:
    """Decides at once, until it is told to be slow, overloaded or away for a while."""

    def __init__(self) -> None:
        self._mood = ""
        self._until = 0.0

    async def decide(self, batch: ApplicationBatch, door: str) -> DecisionBatch:
        del door
        if asyncio.get_running_loop().time() < self._until:
            if self._mood == "slow":
                await asyncio.sleep(1.5)
            elif self._mood == "overloaded":
                raise Overloaded("told to be overloaded", 0.2)
            elif self._mood == "away":
                raise DependencyUnavailable("told to be away")
        return decide(batch)

    async def misbehave(self, mood: str, seconds: float) -> None:
        self._mood, self._until = mood, asyncio.get_running_loop().time() + seconds

    async def pid(self) -> int:
        return os.getpid()


@dataclass(frozen=True, slots=True)
class FaultyInProcess:
    """The same graph in each gateway's own process, as the fused placement has it; its mood stands in a file."""

    mood: Path

    def open_for_threads(self, loop: asyncio.AbstractEventLoop, timeout_s: float) -> FaultyInProcess:
        """Return the graph as the gateway's threads call it."""
        del loop, timeout_s
        return self

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications in the caller's thread."""
        try:
            mood, until = self.mood.read_text().split()
        except FileNotFoundError:
            return decide(batch)
        if time.time() < float(until):
            if mood == "slow":
                time.sleep(1.5)
            elif mood == "overloaded":
                raise Overloaded("told to be overloaded", 0.2)
            elif mood == "away":
                raise DependencyUnavailable("told to be away")
        return decide(batch)

    def misbehave(self, mood: str, seconds: float) -> None:
        """Put all gateways' graphs into a mood for a while."""
        new = self.mood.with_suffix(".new")
        new.write_text(f"{mood} {time.time() + seconds}")
        new.replace(self.mood)


class CommitBeforeFlush(TransactionalProducer):
    """The planted bug: offsets are committed without asking whether the records were written.

    With a delivery timeout as short as this one a pause of the broker makes kafka-python drop a batch, and commit.
    """

    def __init__(self, settings: StreamingSettings, security: KafkaSecurity, transactional_id: str) -> None:
        super().__init__(settings, security, transactional_id)
        self._producer._accumulator.config["delivery_timeout_ms"] = 400

    def flush(self) -> None:
        """Ask nothing."""


class SameEpoch(TransactionalProducer):
    """The planted bug: no new epoch is taken after a request that went unanswered, so that it may arrive late."""

    def __init__(self, settings: StreamingSettings, security: KafkaSecurity, transactional_id: str) -> None:
        super().__init__(settings, security, transactional_id)
        self._epochs._note = lambda _: None  # type: ignore[method-assign]


# By the word that `--planted-bug` takes.
PLANTED_BUGS: dict[str, type[TransactionalProducer]] = {"flush": CommitBeforeFlush, "epoch": SameEpoch}


def deploy_graph(replicas: int) -> Any:
    """Start the graph and return its handle."""
    from ray import serve

    options = {"health_check_period_s": 1.0, "health_check_timeout_s": 5.0, "graceful_shutdown_timeout_s": 3.0}
    deployment = serve.deployment(
        name="decider",
        num_replicas=replicas,
        max_ongoing_requests=32,
        ray_actor_options={"num_cpus": 0.1},
        **options,
    )(FaultyGraph)
    return serve.run(deployment.bind(), name="graph", route_prefix=None)


def deploy_gateway(name: str, graph: GraphSource, settings: StreamingSettings, planted_bug: str = "") -> None:
    """Start a gateway of one replica, or update the one of that name; does not wait for it."""
    from ray import serve
    from ray.serve import RunTarget

    make_producer = PLANTED_BUGS.get(planted_bug, TransactionalProducer)
    scaling = GatewayScaling(min_replicas=1, max_replicas=1)
    app = bind_gateway(graph, settings, scaling=scaling, make_producer=make_producer)
    serve.run_many([RunTarget(app, name, None)], wait_for_applications_running=False)
