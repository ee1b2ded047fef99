"""Prometheus's configuration, for one machine and for the compose file, from the same function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

# Serve's own bookkeeping: thousands of series on a node, one for each client or method, that no panel or rule reads.
DROPPED_SERIES = "ray_serve_long_poll_.*|ray_grpc_server_.*|ray_event_stats_.*|ray_gcs_.*_bucket"


def prometheus_config(
    targets: Mapping[str, Sequence[str]],
    rule_files: Sequence[str],
    alertmanagers: Sequence[str] = (),
    scrape_interval: str = "5s",
    evaluation_interval: str = "15s",
    ray_discovery_file: str | None = None,
) -> str:
    """Return prometheus.yml as JSON, which is YAML too.

    targets: job name -> host:port of each, such as {"loanstream-monitor": ["127.0.0.1:9464"], "ray": [...]};
    rule_files: paths or patterns; ray_discovery_file: the file in which a Ray head lists its nodes, for a cluster.
    """
    relabel = [{"source_labels": ["__name__"], "regex": DROPPED_SERIES, "action": "drop"}]
    jobs = [
        {"job_name": job, "static_configs": [{"targets": list(places)}], "metric_relabel_configs": relabel}
        for job, places in targets.items()
        if places
    ]
    if ray_discovery_file is not None:
        found = [{"files": [ray_discovery_file], "refresh_interval": "30s"}]
        jobs.append({"job_name": "ray-nodes", "file_sd_configs": found, "metric_relabel_configs": relabel})
    config: dict[str, object] = {
        "global": {"scrape_interval": scrape_interval, "evaluation_interval": evaluation_interval},
        "rule_files": list(rule_files),
        "scrape_configs": jobs,
    }
    if alertmanagers:
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]}
    return json.dumps(config, indent=2) + "\n"


def compose_config() -> str:
    """Return deploy/prometheus/prometheus.yml: every process of docker-compose.yml that has metrics."""
    return prometheus_config(
        {
            "loanstream-monitor": ["monitor:9464"],
            "loanstream-ledger": ["ledger-sink:9471", "ledger-door:9470"],
            "ray": ["ray-head:8085", "ray-worker:8085"],
        },
        ["/etc/prometheus/recording_rules.yml", "/etc/prometheus/alert_rules.yml"],
        ["alertmanager:9093"],
        scrape_interval="15s",
    )
