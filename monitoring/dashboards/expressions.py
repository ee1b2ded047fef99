"""Expressions of PromQL that several dashboards use."""

from __future__ import annotations


def quantile(q: float, series: str, by: str = "le") -> str:
    """Return the quantile of a histogram's buckets over two minutes.

    by: labels to keep, `le` among them; Ray adds a WorkerId to every series, so sums by name are always needed.
    """
    return f"histogram_quantile({q}, sum by ({by}) (rate({series}[2m])))"
