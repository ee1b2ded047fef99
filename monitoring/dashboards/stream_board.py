"""The stream's dashboard: what arrives, waits, is decided and committed."""

from __future__ import annotations

from monitoring.dashboards.build import Board, Panel
from monitoring.dashboards.expressions import quantile

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
                    ((quantile(0.5, "ray_loanstream_batch_applications_bucket", "le, door"), "{{door}}"),),
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
                        ("increase(loanstream_monitor_unreadable_outcomes_total[10m])", "unreadable outcomes"),
                        (
                            "increase(loanstream_monitor_unreadable_shadow_records_total[10m])",
                            "unreadable shadow records",
                        ),
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
