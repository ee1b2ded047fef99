"""The ledger's dashboard: whether it keeps up, and how people review what the model decided."""

from __future__ import annotations

from monitoring.dashboards.build import Board, Panel
from monitoring.dashboards.expressions import quantile

_CLOSED = "closed reviews"


def _overturned(by: str) -> str:
    """Return the part of the reviews closed within a week that overturned, by the values of a label."""
    series = f'loanstream_reviews_verdicts_total{{by="{by}"'
    overturned = f'sum by (value) (increase({series}, verdict="overturn"}}[7d]))'
    return f"100 * {overturned} / sum by (value) (increase({series}}}[7d]))"


LEDGER = Board(
    "loanstream-ledger",
    "Loanstream / Ledger and reviews",
    "Whether every decision is kept in time, and how people review what the model decided.",
    (
        (
            "Reviews",
            (
                Panel(
                    "Reviews that wait",
                    (("sum by (cause, state) (loanstream_reviews_open_count)", "{{cause}}, {{state}}"),),
                    kind="stack",
                ),
                Panel(
                    "Age of the oldest",
                    (("max by (cause) (loanstream_reviews_oldest_age_seconds)", "{{cause}}"),),
                    "s",
                ),
                Panel(
                    "Past their time, or soon",
                    (
                        ("max(loanstream_reviews_overdue_count)", "past their time"),
                        ("max(loanstream_reviews_due_soon_count)", "in the last quarter of it"),
                    ),
                    text="Both have an alert.",
                ),
                Panel(
                    "Decisions that a person reviewed",
                    (("100 * max(loanstream_reviews_closed_ratio)", "of all decisions"),),
                    "percent",
                    "stat",
                    needs=_CLOSED,
                ),
                Panel(
                    "Closed a day",
                    (('sum by (verdict) (increase(loanstream_reviews_verdicts_total{by="all"}[1d]))', "{{verdict}}"),),
                    kind="stack",
                    needs=_CLOSED,
                ),
            ),
        ),
        (
            "Overturned, of those closed within a week",
            (
                Panel("By reason", ((_overturned("reason"), "{{value}}"),), "percent", needs=_CLOSED),
                Panel(
                    "By group",
                    ((_overturned("group"), "{{value}}"),),
                    "percent",
                    text="Gender and age of the applicant, as the application stated them.",
                    needs=_CLOSED,
                ),
                Panel(
                    "By reviewer",
                    ((_overturned("reviewer"), "{{value}}"),),
                    "percent",
                    text="The busiest by name, all others together.",
                    needs=_CLOSED,
                ),
            ),
        ),
        (
            "Keeping, and what people say",
            (
                Panel(
                    "Feedback a day",
                    (("sum by (kind) (increase(loanstream_feedback_total[1d]))", "{{kind}}"),),
                    kind="stack",
                    needs="feedback",
                ),
                Panel(
                    "Decisions stored a second",
                    (("sum(rate(loanstream_ledger_decisions_total[2m]))", "stored"),),
                    "ops",
                ),
                Panel(
                    "Records that wait for the ledger",
                    (("max by (topic) (loanstream_ledger_lag_records)", "{{topic}}"),),
                ),
                Panel(
                    "Time of a transaction",
                    (
                        (quantile(0.5, "loanstream_ledger_store_seconds_bucket"), "p50"),
                        (quantile(0.99, "loanstream_ledger_store_seconds_bucket"), "p99"),
                    ),
                    "s",
                ),
                Panel(
                    "What should not be",
                    (
                        ("sum(loanstream_ledger_gap_offsets_total)", "offsets gone before they were read"),
                        ("sum(loanstream_ledger_store_failures_total)", "transactions that were not taken"),
                        ("max(loanstream_ledger_unmatched_answers_count)", "answers without a decision"),
                        ("max(loanstream_ledger_unpublished_reviews_count)", "results not published"),
                    ),
                ),
            ),
        ),
    ),
)
