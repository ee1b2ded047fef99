"""Prometheus's configuration of a home."""

from __future__ import annotations

import json
from pathlib import Path

from loanstream.settings import Surroundings
from loanstream.stack.home import Home
from loanstream.stack.monitor import prometheus_config_of
from loanstream.stack.ports import Ports
from loanstream.stack.surroundings import Place


def test_prometheus_scrapes_the_monitor_the_ledger_and_ray(home: Home) -> None:
    """The configuration names this home's targets and its rule files; of a cluster not its Ray."""
    ports = Ports(metrics=1111, ray_metrics=2222, ledger=3333, ledger_metrics=4444)
    place = Place(home, ports, Surroundings.model_construct(ray_address=None))
    config = json.loads(prometheus_config_of(place))
    targets = [job["static_configs"][0]["targets"] for job in config["scrape_configs"]]
    assert targets == [["127.0.0.1:1111"], ["127.0.0.1:4444", "127.0.0.1:3333"], ["127.0.0.1:2222"]]
    assert config["rule_files"]
    assert all(Path(file).is_file() for file in config["rule_files"])
    elsewhere = Place(home, Ports(metrics=1111), Surroundings.model_construct(ray_address="10.0.0.1:6379"))
    assert len(json.loads(prometheus_config_of(elsewhere))["scrape_configs"]) == 2
