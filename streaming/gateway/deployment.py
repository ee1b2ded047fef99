"""The gateway as a Ray Serve deployment: no route, one consumer thread a replica, scaled by drain time."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from dataclasses import asdict
from typing import Any

from streaming.gateway.collector import spare_collections
from streaming.gateway.gateway import Gateway
from streaming.gateway.handle import GraphSource
from streaming.gateway.loop import ProducerFactory
from streaming.gateway.metrics import GatewayMetrics
from streaming.gateway.scaling import GatewayScaling
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)


class GatewayDeployment:
    """One gateway in one Serve replica."""

    def __init__(
        self,
        graph: GraphSource,
        settings: StreamingSettings,
        security: KafkaSecurity,
        make_producer: ProducerFactory = TransactionalProducer,
    ) -> None:
        from ray.serve import metrics

        # Each step of a transaction waits for the brokers on one thread while others decide: with Python's usual 5 ms
        # answers lie around until a thread has its turn (two busy cores: 2,000 against 2,900 a second, for equal CPU).
        sys.setswitchinterval(0.0005)
        loop = asyncio.get_running_loop()
        self._metrics = GatewayMetrics(metrics)
        decider = graph.open_for_threads(loop, settings.decide_timeout_s)
        spare_collections()  # once the graph is there, with all that it holds
        self._gateway = Gateway(settings, decider, security, make_producer=make_producer)
        self._gateway.start()

    async def check_health(self) -> None:
        """Called by Serve every few seconds: exports the metrics, and raises where this replica should be replaced."""
        self._metrics.export(self._gateway.stats())
        self._gateway.check_health()

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """Return what `streaming.gateway.scaling.DrainTimePolicy` decides by."""
        stats = self._gateway.stats()
        return {
            "lag": float(stats.lag),
            "rate": stats.rate,
            "capacity": stats.capacity,
            "partitions": float(stats.topic_partitions),
        }

    async def stats(self) -> dict[str, Any]:
        """Return the gateway's stats as plain values; for people, tests and the fault suite."""
        return asdict(self._gateway.stats()) | {"pid": os.getpid()}

    async def __del__(self) -> None:
        # Serve awaits this at a graceful shutdown. The waiting is a thread's: what is under way needs this loop to end.
        done = await asyncio.get_running_loop().run_in_executor(None, self._gateway.stop)
        if not done:
            log.warning("the gateway did not stop in time; its open transaction is aborted by the brokers")


def bind_gateway(
    graph: GraphSource,
    settings: StreamingSettings | None = None,
    security: KafkaSecurity | None = None,
    scaling: GatewayScaling | None = None,
    make_producer: ProducerFactory = TransactionalProducer,
    max_replicas_per_node: int | None = None,
) -> Any:
    """Return the bound gateway deployment, to be part of the Serve application.

    graph: opened in each replica; it may hold bound deployments. Settings not given are read from LOANSTREAM_KAFKA_*,
    KAFKA_BOOTSTRAP_SERVERS and LOANSTREAM_GATEWAY_*. max_replicas_per_node: as Serve's, no limit if None.
    """
    from ray import serve
    from ray.serve.config import AutoscalingConfig, AutoscalingPolicy

    settings = settings or StreamingSettings()
    security = security or KafkaSecurity()
    scaling = scaling or GatewayScaling()
    autoscaling = AutoscalingConfig(
        min_replicas=scaling.min_replicas,
        max_replicas=scaling.max_replicas,
        metrics_interval_s=1.0,
        look_back_period_s=3.0,
        upscale_delay_s=scaling.upscale_delay_s,
        downscale_delay_s=scaling.downscale_delay_s,
        policy=AutoscalingPolicy(
            policy_function="streaming.gateway.scaling:DrainTimePolicy",
            policy_kwargs={"objective_s": scaling.objective_s},
        ),
    )
    deployment = serve.deployment(
        name="gateway",
        autoscaling_config=autoscaling,
        max_ongoing_requests=16,
        max_replicas_per_node=max_replicas_per_node,
        graceful_shutdown_timeout_s=settings.drain_timeout_s + 10.0,
        graceful_shutdown_wait_loop_s=0.5,
        health_check_period_s=2.0,
        health_check_timeout_s=10.0,
        ray_actor_options={"num_cpus": scaling.cpus},
    )(GatewayDeployment)
    return deployment.bind(graph, settings, security, make_producer)
