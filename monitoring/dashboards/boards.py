"""The four dashboards: service, stream, Ray and model. Metrics are named as their writers name them.

`monitoring.metrics` names ours; `ray_loanstream_...` are those of serving and the gateway; `ray_serve_...` Ray's own.
Ray adds a WorkerId to every series, hence `sum by` everywhere.
"""

from __future__ import annotations

from monitoring.dashboards.build import Board, Panel
from monitoring.dashboards.model_board import MODEL

_E2E = 'loanstream_end_to_end_seconds_bucket{door!="replay"}'


def _quantile(q: float, series: str, by: str = "le") -> str:
    return f"histogram_quantile({q}, sum by ({by}) (rate({series}[2m])))"


SERVICE = Board(
    "loanstream-service",
    "Loanstream / Service",
    "Rate, errors and duration at both doors, and what is left of the error budgets.",
    (
        (
            "Objectives",
            (
                Panel(
                    "Decisions within 1 s, last hour",
                    (("100 * (1 - loanstream:slow_decisions:ratio_rate1h)", "within 1 s"),),
                    "percent",
                    "stat",
                    "Objective 99.9 %, from submission to decision, both doors.",
                ),
                Panel(
                    "Error budget left: latency, 30 days",
                    (
                        (
                            "100 * (1 - (1 - sum(increase("
                            'loanstream_end_to_end_seconds_bucket{le=~"1|1.0", door!="replay"}[30d]))'
                            ' / sum(increase(loanstream_end_to_end_seconds_count{door!="replay"}[30d]))) / 0.001)',
                            "left",
                        ),
                    ),
                    "percent",
                    "stat",
                    "100 % is untouched; below 0 the objective is missed.",
                ),
                Panel(
                    "HTTP requests without server error, last hour",
                    (("100 * (1 - loanstream:http_errors:ratio_rate1h)", "good"),),
                    "percent",
                    "stat",
                ),
                Panel(
                    "Burn rate",
                    (
                        ("loanstream:slow_decisions:ratio_rate5m / 0.001", "latency, 5 min"),
                        ("loanstream:slow_decisions:ratio_rate1h / 0.001", "latency, 1 h"),
                        ("loanstream:http_errors:ratio_rate5m / 0.001", "HTTP, 5 min"),
                        ("loanstream:http_errors:ratio_rate1h / 0.001", "HTTP, 1 h"),
                    ),
                    text="1 spends the budget in 30 days; 14.4 pages somebody.",
                    width=24,
                    limit=14.4,
                ),
            ),
        ),
        (
            "Rate and errors",
            (
                Panel("Decisions a second by door", (("loanstream:decisions_by_door:rate1m", "{{door}}"),), "ops"),
                Panel(
                    "HTTP requests by status",
                    (("sum by (status) (rate(ray_loanstream_http_requests_total[2m]))", "{{status}}"),),
                    "reqps",
                    "stack",
                ),
                Panel(
                    "Steps that failed",
                    (
                        (
                            "sum by (step) (rate(ray_loanstream_step_failures_total[5m])) or "
                            "0 * sum by (step) (rate(ray_loanstream_step_seconds_count[5m]))",
                            "{{step}}",
                        ),
                    ),
                    "ops",
                ),
            ),
        ),
        (
            "Duration",
            (
                Panel(
                    "From submission to decision",
                    (
                        (_quantile(0.5, _E2E), "p50"),
                        (_quantile(0.95, _E2E), "p95"),
                        (_quantile(0.99, _E2E), "p99"),
                    ),
                    "s",
                    limit=1.0,
                ),
                Panel(
                    "HTTP requests, p99 by path",
                    ((_quantile(0.99, "ray_loanstream_http_request_seconds_bucket", "le, path"), "{{path}}"),),
                    "s",
                ),
                Panel(
                    "Time by step, p95",
                    ((_quantile(0.95, "ray_loanstream_step_seconds_bucket", "le, step"), "{{step}}"),),
                    "s",
                    text="For one micro-batch.",
                ),
            ),
        ),
    ),
)

STREAM = Board(
    "loanstream-stream",
    "Loanstream / Stream",
    "What arrives, what waits, what is decided, and how the gateways commit it.",
    (
        (
            "In and out",
            (
                Panel(
                    "Applications in, decisions out",
                    (
                        ("loanstream:applications:rate1m", "applications in"),
                        ('sum(rate(loanstream_decisions_total{door="kafka"}[1m]))', "decided from Kafka"),
                        ("sum(rate(loanstream_dead_letters_total[1m]))", "dead letters"),
                    ),
                    "ops",
                ),
                Panel("Lag in seconds", (("loanstream_intake_lag_seconds", "oldest waiting"),), "s", limit=30.0),
                Panel("Lag in applications", (("loanstream_intake_lag_records", "waiting"),)),
            ),
        ),
        (
            "Completeness",
            (
                Panel(
                    "Applications without an answer, or with two",
                    (
                        ("sum(loanstream_completeness_gap_offsets)", "without an answer"),
                        ("sum(loanstream_completeness_overlap_offsets)", "with more than one"),
                    ),
                    text="Committed offsets against the audit record; both must be 0.",
                    width=12,
                    limit=1.0,
                ),
                Panel(
                    "Offsets accounted for",
                    (("sum by (partition) (loanstream_completeness_covered_offsets)", "partition {{partition}}"),),
                    width=6,
                ),
                Panel(
                    "Since the last reconciliation",
                    (("time() - max(loanstream_completeness_checked_timestamp_seconds)", "age"),),
                    "s",
                    "stat",
                    width=6,
                ),
            ),
        ),
        (
            "Gateways",
            (
                Panel(
                    "Transactions a second",
                    (("sum(rate(ray_loanstream_gateway_transactions_total[2m]))", "committed"),),
                    "ops",
                ),
                Panel(
                    "Applications a transaction",
                    (
                        (
                            "sum(rate(ray_loanstream_gateway_applications_total[2m])) / "
                            "sum(rate(ray_loanstream_gateway_transactions_total[2m]))",
                            "mean",
                        ),
                    ),
                ),
                Panel(
                    "Where the loop spends its time",
                    (("sum by (phase) (rate(ray_loanstream_gateway_phase_seconds_total[2m]))", "{{phase}}"),),
                    "s",
                    "stack",
                    "Seconds a second, all replicas together.",
                ),
                Panel(
                    "Applications in a micro-batch",
                    ((_quantile(0.5, "ray_loanstream_batch_applications_bucket", "le, door"), "{{door}}"),),
                    text="Median at the graph, by door.",
                ),
                Panel(
                    "Trouble",
                    tuple(
                        (
                            f"sum(increase(ray_loanstream_gateway_{name}_total[10m])) or vector(0)",
                            name.replace("_", " "),
                        )
                        for name in (
                            "rebalances",
                            "restarts",
                            "in_doubt",
                            "epoch_renewals",
                            "waits",
                            "offsets_out_of_range",
                        )
                    ),
                    text="Count in ten minutes; rebalances and waits are normal in small numbers.",
                ),
                Panel(
                    "Gateway replicas",
                    (
                        ("count(ray_loanstream_gateway_partitions_assigned)", "gateways"),
                        ("sum(ray_loanstream_gateway_partitions_assigned)", "partitions assigned"),
                        ("sum(ray_loanstream_gateway_degraded)", "kept waiting by the graph"),
                    ),
                ),
            ),
        ),
        (
            "The watch itself",
            (
                Panel("Audit records not read yet", (("loanstream_monitor_audit_lag_records", "behind"),)),
                Panel(
                    "Late decisions and unreadable records",
                    (
                        ("increase(loanstream_monitor_late_decisions_total[10m])", "late"),
                        ("increase(loanstream_monitor_unreadable_records_total[10m])", "unreadable"),
                    ),
                ),
                Panel(
                    "Monitor: CPU and memory",
                    (
                        ('rate(process_cpu_seconds_total{job="loanstream-monitor"}[2m])', "cores"),
                        ('process_resident_memory_bytes{job="loanstream-monitor"} / 1e9', "GB"),
                    ),
                ),
            ),
        ),
    ),
)

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
                            _quantile(0.95, "ray_serve_deployment_processing_latency_ms_bucket", "le, deployment"),
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

BOARDS = (SERVICE, STREAM, RAY, MODEL)
