"""What Prometheus is told to ask."""

from __future__ import annotations

import yaml

from deploy.cluster.plan import ClusterPlan
from deploy.cluster.watch import scrape_config


def test_prometheus_asks_every_node() -> None:
    """Each Ray node, the monitor and both processes of the ledger are targets, by address."""
    plan = ClusterPlan(workers=3)
    jobs = {
        job["job_name"]: job["static_configs"][0]["targets"]
        for job in yaml.safe_load(scrape_config(plan))["scrape_configs"]
    }
    assert len(jobs["ray"]) == 4
    assert all(target.startswith("10.77.0.") for targets in jobs.values() for target in targets)
    assert len(jobs["ledger"]) == 2
