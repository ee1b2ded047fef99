"""Dashboards ask only for metrics that somebody writes, and so do rules."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ledger import metrics as of_the_ledger
from monitoring import metrics as ours
from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.build import queries
from serve_app import metrics as serving
from streaming.gateway import metrics as streaming

ROOT = Path(__file__).parents[4]


KEYWORDS = {"sum", "by", "rate", "increase", "on", "max", "min", "avg", "count", "topk", "or", "and", "vector", "le"}


def known_metrics() -> set[str]:
    """Return every metric that some part writes, under the name that Prometheus sees."""
    own = [*vars(ours).items(), *vars(of_the_ledger).items()]
    bases = {value for name, value in own if name.isupper() and isinstance(value, str)}
    bases |= {f"ray_{value}" for name, value in vars(serving).items() if name.isupper() and isinstance(value, str)}
    names = [*streaming.COUNTERS, *streaming.GAUGES, "phase_seconds", "in_doubt"]
    bases |= {f"ray_{streaming.PREFIX}{name}" for name in names}
    suffixed = {base + suffix for base in bases for suffix in ("", "_total", "_bucket", "_count", "_sum")}
    groups = yaml.safe_load((ROOT / "deploy/prometheus/recording_rules.yml").read_text())["groups"]
    return suffixed | {rule["record"] for group in groups for rule in group["rules"]}


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:ray_)?loanstream[_:][a-zA-Z_:0-9]+", re.sub(r'"[^"]*"', '""', expression)))


def test_every_query_asks_for_a_metric_that_is_written() -> None:
    """Panels name our metrics as `metrics.py` of monitoring, serving and streaming do, or a recording rule."""
    known = known_metrics()
    assert {name for _, _, query in queries(BOARDS) for name in names_in(query)} - known == set()


def test_every_rule_asks_for_a_metric_that_is_written() -> None:
    """So do alerts and recording rules."""
    known = known_metrics()
    for file in ("recording_rules.yml", "alert_rules.yml"):
        groups = yaml.safe_load((ROOT / "deploy/prometheus" / file).read_text())["groups"]
        for rule in (rule for group in groups for rule in group["rules"]):
            assert names_in(rule["expr"]) - known == set()
