"""Ray's dashboard: replicas, queues and batches of the Serve graph. `ray_serve_...` are Ray's own metrics."""

from __future__ import annotations

from monitoring.dashboards.build import Board, Panel
from monitoring.dashboards.expressions import quantile

_BY = "application, deployment"
RAY = Board(
    "loanstream-ray",
    "Loanstream / Ray",
    "Replicas, queues, batching and memory of the Serve graph.",
    (
        (
            "Replicas",
            (
                Panel(
                    "Healthy and target",
                    (
                        (f"sum by ({_BY}) (ray_serve_deployment_replica_healthy)", "{{deployment}} healthy"),
                        (f"max by ({_BY}) (ray_serve_autoscaling_target_replicas)", "{{deployment}} target"),
                    ),
                    width=12,
                ),
                Panel(
                    "Utilisation",
                    ((f"avg by ({_BY}) (ray_serve_replica_utilization_percent)", "{{deployment}}"),),
                    "percent",
                    width=12,
                ),
            ),
        ),
        (
            "Queues and batches",
            (
                Panel(
                    "Queued at handles", ((f"sum by ({_BY}) (ray_serve_deployment_queued_queries)", "{{deployment}}"),)
                ),
                Panel("Running", ((f"sum by ({_BY}) (ray_serve_replica_processing_queries)", "{{deployment}}"),)),
                Panel(
                    "Requests a second",
                    ((f"sum by ({_BY}) (rate(ray_serve_deployment_request_counter_total[2m]))", "{{deployment}}"),),
                    "reqps",
                ),
                Panel(
                    "Processing, p95",
                    (
                        (
                            quantile(0.95, "ray_serve_deployment_processing_latency_ms_bucket", "le, deployment"),
                            "{{deployment}}",
                        ),
                    ),
                    "ms",
                ),
                Panel(
                    "Models taken up",
                    (
                        ("sum by (model_version) (ray_loanstream_model_loads_total)", "version {{model_version}}"),
                        ("sum(ray_loanstream_model_load_failures_total) or vector(0)", "failed looks at the registry"),
                    ),
                ),
                Panel(
                    "Replica starts",
                    ((f"sum by ({_BY}) (increase(ray_serve_deployment_replica_starts_total[10m]))", "{{deployment}}"),),
                ),
            ),
        ),
        (
            "Nodes",
            (
                Panel(
                    "Object store in use",
                    (('sum by (Location) (ray_object_store_memory{ObjectState="SEALED"})', "{{Location}}"),),
                    "bytes",
                    width=12,
                ),
                Panel("Targets", (("sum by (job) (up)", "{{job}}"),), width=12),
            ),
        ),
    ),
)
