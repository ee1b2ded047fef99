"""The gateway as a Ray Serve deployment: no route, one consumer thread a replica, scaled by drain time.

Nothing here knows Kafka and nothing in the gateway knows Ray: this file only carries a batch from the one's thread to
the other's event loop and back.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import sys
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, LoanstreamError, Overloaded, PermanentError
from streaming.gateway.collector import spare_collections
from streaming.gateway.gateway import Gateway
from streaming.gateway.loop import ProducerFactory
from streaming.gateway.metrics import GatewayMetrics
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

log = logging.getLogger(__name__)


class GatewayScaling(BaseSettings):
    """How many gateway replicas there may be, and how quickly that changes."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_GATEWAY_", frozen=True, extra="ignore")

    min_replicas: int = Field(default=1, ge=0, description="Fewest gateway replicas.")
    max_replicas: int = Field(default=4, ge=1, description="Most gateway replicas; more than partitions are of no use.")
    objective_s: float = Field(default=5.0, gt=0, description="Time from arrival to decision that shall hold.")
    upscale_delay_s: float = Field(default=1.0, ge=0, description="How long more replicas must be wanted.")
    downscale_delay_s: float = Field(default=30.0, ge=0, description="How long fewer must be wanted.")
    cpus: float = Field(default=0.1, ge=0, description="CPUs that a replica reserves, for Ray's placement.")


class HandleDecider:
    """The `Decider` of the gateway's threads: calls the graph's handle on the replica's event loop and waits."""

    def __init__(self, handle: Any, loop: asyncio.AbstractEventLoop, timeout_s: float) -> None:
        self._handle = handle
        self._loop = loop
        self._timeout_s = timeout_s

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide n applications; whatever Ray raises comes out as one of our errors."""
        from ray.exceptions import RayError, RayTaskError
        from ray.serve.exceptions import BackPressureError, RayServeException

        call = asyncio.run_coroutine_threadsafe(self._call(batch), self._loop)
        try:
            return call.result(self._timeout_s)
        except LoanstreamError:
            raise
        except BackPressureError as error:
            raise Overloaded(f"the graph has more work queued than it takes: {error}") from None
        except (TimeoutError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            call.cancel()
            raise DependencyUnavailable(f"the graph did not decide within {self._timeout_s:.0f} s") from None
        except RayTaskError as error:
            # Code of ours raised it over there: the same batch would raise it again.
            raise PermanentError(f"the graph failed on this batch: {str(error).strip().splitlines()[-1]}") from None
        except (RayError, RayServeException, RuntimeError) as error:
            raise DependencyUnavailable(f"the graph is away: {type(error).__name__}: {error}"[:500]) from None

    async def _call(self, batch: ApplicationBatch) -> DecisionBatch:
        decisions: DecisionBatch = await self._handle.decide.remote(batch, door="kafka")
        return decisions


class GatewayDeployment:
    """One gateway in one Serve replica."""

    def __init__(
        self,
        decider: Any,
        settings: StreamingSettings,
        security: KafkaSecurity,
        make_producer: ProducerFactory = TransactionalProducer,
    ) -> None:
        # Each step of a transaction waits for the brokers on one thread while others decide: with Python's usual 5 ms
        # answers lie around until a thread has its turn (two busy cores: 2,000 against 2,900 a second, for equal CPU).
        sys.setswitchinterval(0.0005)
        spare_collections()
        loop = asyncio.get_running_loop()
        self._metrics = GatewayMetrics()
        handle = HandleDecider(decider, loop, settings.decide_timeout_s)
        self._gateway = Gateway(settings, handle, security, make_producer=make_producer)
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
        import os
        from dataclasses import asdict

        return asdict(self._gateway.stats()) | {"pid": os.getpid()}

    async def __del__(self) -> None:
        # Serve awaits this at a graceful shutdown. The waiting is a thread's: what is under way needs this loop to end.
        done = await asyncio.get_running_loop().run_in_executor(None, self._gateway.stop)
        if not done:
            log.warning("the gateway did not stop in time; its open transaction is aborted by the brokers")


def bind_gateway(
    decider: Any,
    settings: StreamingSettings | None = None,
    security: KafkaSecurity | None = None,
    scaling: GatewayScaling | None = None,
    make_producer: ProducerFactory = TransactionalProducer,
) -> Any:
    """Return the bound gateway deployment, to be part of the Serve application.

    decider: the bound or running deployment whose `decide(batch, door=...)` decides. Settings not given are read from
    LOANSTREAM_KAFKA_*, KAFKA_BOOTSTRAP_SERVERS and LOANSTREAM_GATEWAY_*.
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
        graceful_shutdown_timeout_s=settings.drain_timeout_s + 10.0,
        graceful_shutdown_wait_loop_s=0.5,
        health_check_period_s=2.0,
        health_check_timeout_s=10.0,
        ray_actor_options={"num_cpus": scaling.cpus},
    )(GatewayDeployment)
    return deployment.bind(decider, settings, security, make_producer)
