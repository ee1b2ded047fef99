"""Binds the graph: the only file of the serving side that reads settings and wires deployments.

`serve run serve_app.app:build` and the stack's own start give the same application; arguments of the Serve config
override `LOANSTREAM_*` variables.
"""

from __future__ import annotations

from typing import Any

from ray import serve
from ray.serve import Application
from ray.serve.config import AutoscalingConfig, BackpressureConfig

from access.settings import AccessSettings
from serve_app.replicas.composed import ComposedPlacement
from serve_app.replicas.explainer import ExplainerDeployment
from serve_app.replicas.fused import FusedPlacement
from serve_app.replicas.http import HttpDoor
from serve_app.replicas.lookup import LookupDeployment
from serve_app.replicas.scorer import ScorerDeployment
from serve_app.replicas.shadow import ShadowDeployment
from serve_app.settings import ServingSettings
from streaming.gateway.deployment import bind_gateway
from streaming.gateway.scaling import GatewayScaling
from streaming.kafka.security import KafkaSecurity

# One thread each: replicas share the machine's cores, and a micro-batch is too small to split.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_DRAIN_S = 5.0
# How long no application must come until the challenger's replica ends: it takes ten seconds of a core to start.
_SHADOW_IDLE_S = 300.0


def _options(settings: ServingSettings, target: float, max_ongoing: int, **more: Any) -> dict[str, Any]:
    """Options of one step: scaled by its own queue, replaced within seconds."""
    return {
        "autoscaling_config": AutoscalingConfig(
            min_replicas=settings.min_replicas,
            max_replicas=settings.max_replicas,
            target_ongoing_requests=target,
            upscale_delay_s=settings.upscale_delay_s,
            downscale_delay_s=settings.downscale_delay_s,
            metrics_interval_s=1.0,
            look_back_period_s=max(2.0, settings.upscale_delay_s),
        ),
        "max_ongoing_requests": max_ongoing,
        # An update starts new replicas before it stops old ones: with one of each, the door would be shut between.
        "max_surge_percent": 100,
        "graceful_shutdown_timeout_s": _DRAIN_S,
        "graceful_shutdown_wait_loop_s": 0.5,
        "health_check_period_s": 2.0,
        "health_check_timeout_s": 10.0,
        "ray_actor_options": {"num_cpus": settings.replica_cpus, "runtime_env": {"env_vars": _ENVIRONMENT}},
        "max_replicas_per_node": settings.max_replicas_per_node,
        **more,
    }


def _shadow(settings: ServingSettings, security: KafkaSecurity) -> Application:
    """The challenger's deployment: no replica until a challenger is set and an application comes, then one."""
    options = _options(settings, 1, 4)
    options["autoscaling_config"] = AutoscalingConfig(
        min_replicas=0,
        initial_replicas=0,
        max_replicas=1,
        target_ongoing_requests=1,
        upscale_delay_s=0.0,
        downscale_delay_s=_SHADOW_IDLE_S,
        metrics_interval_s=1.0,
        look_back_period_s=2.0,
    )
    return serve.deployment(name="shadow", **options)(ShadowDeployment).bind(settings, security.client_options())


def _placement(settings: ServingSettings, shadow: Application | None) -> ComposedPlacement | FusedPlacement:
    """Where the steps run: bound once here, opened in each door's replica."""
    if settings.graph == "fused":
        return FusedPlacement(settings, shadow)
    lookup = serve.deployment(name="lookup", **_options(settings, 8, 64))(LookupDeployment).bind(settings)
    scorer = serve.deployment(name="scorer", **_options(settings, 2, 16))(ScorerDeployment).bind(settings)
    explainer = serve.deployment(name="explainer", **_options(settings, 2, 16))(ExplainerDeployment).bind(settings)
    return ComposedPlacement(settings, lookup, scorer, explainer, shadow)


def _gateway(settings: ServingSettings, placement: ComposedPlacement | FusedPlacement) -> Any:
    """The gateway, on as many nodes at least as the steps are."""
    scaling = GatewayScaling()
    fewest = max(scaling.min_replicas, settings.min_replicas)
    scaling = scaling.model_copy(update={"min_replicas": fewest, "max_replicas": max(scaling.max_replicas, fewest)})
    return bind_gateway(placement, scaling=scaling, max_replicas_per_node=settings.max_replicas_per_node)


def build(arguments: dict[str, Any] | None = None) -> Application:
    """Return the Serve application; `arguments` are `ServingSettings` by field name."""
    settings = ServingSettings(**(arguments or {}))
    security = KafkaSecurity()
    shadow = _shadow(settings, security) if settings.shadow and settings.bootstrap is not None else None
    placement = _placement(settings, shadow)
    door_options = _options(
        settings,
        settings.max_http_pending / 4,
        settings.max_http_pending + 64,
        max_queued_requests=settings.max_http_pending,
        backpressure_config=BackpressureConfig(status_code=429, retry_after_s=1),
    )
    door = serve.deployment(name="http", **door_options)(HttpDoor)
    gateway = _gateway(settings, placement) if settings.with_gateway else None
    return door.bind(settings, security, AccessSettings(), placement, gateway)
