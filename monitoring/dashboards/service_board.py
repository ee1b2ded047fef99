"""The service's dashboard: rate, errors and duration at both doors, and the error budgets."""

from __future__ import annotations

from monitoring.dashboards.build import Board, Panel
from monitoring.dashboards.expressions import quantile

_E2E = 'loanstream_end_to_end_seconds_bucket{door!="replay"}'

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
                        (quantile(0.5, _E2E), "p50"),
                        (quantile(0.95, _E2E), "p95"),
                        (quantile(0.99, _E2E), "p99"),
                    ),
                    "s",
                    limit=1.0,
                ),
                Panel(
                    "HTTP requests, p99 by path",
                    ((quantile(0.99, "ray_loanstream_http_request_seconds_bucket", "le, path"), "{{path}}"),),
                    "s",
                ),
                Panel(
                    "Time by step, p95",
                    ((quantile(0.95, "ray_loanstream_step_seconds_bucket", "le, step"), "{{step}}"),),
                    "s",
                    text="For one micro-batch.",
                ),
            ),
        ),
    ),
)
