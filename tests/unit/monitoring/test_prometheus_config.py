"""Prometheus's configuration; Prometheus itself reads it in an integration test."""

from __future__ import annotations

import json

from monitoring.prometheus_config import prometheus_config


def test_targets_rules_and_a_cluster_are_in_it() -> None:
    """A job without targets is left out, a Ray head's file becomes a job, alerts go only where somebody takes them."""
    config = json.loads(prometheus_config({"monitor": ["a:1"], "ray": []}, ["rules.yml"], ray_discovery_file="sd.json"))
    assert [job["job_name"] for job in config["scrape_configs"]] == ["monitor", "ray-nodes"]
    assert config["scrape_configs"][1]["file_sd_configs"][0]["files"] == ["sd.json"]
    assert config["rule_files"] == ["rules.yml"]
    assert "alerting" not in config
    alerted = json.loads(prometheus_config({"monitor": ["a:1"]}, [], ["b:2"]))
    assert alerted["alerting"]["alertmanagers"] == [{"static_configs": [{"targets": ["b:2"]}]}]
