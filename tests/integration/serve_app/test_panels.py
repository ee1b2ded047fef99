"""Every panel of every dashboard, asked of a real Prometheus that scrapes the running stack."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from credit.wire.topics import OUTCOMES_TOPIC
from loanstream.stack.monitor import prometheus_config_of
from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.build import queries
from streaming.feed import envelope, feed, read_rows
from tests.fixtures.prometheus import RunningPrometheus, prometheus_binary
from tests.fixtures.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

# What a stack of some minutes cannot have; tests/integration/monitoring/test_prometheus.py shows those panels data, and
# tests/integration/ledger/review/test_queue.py what the ledger tells of closed reviews.
NOT_HERE = {"labels", "protected features in the model", "closed reviews", "feedback"}
# Asks for the period before the last 24 hours; the panel has another query, which must answer.
NEEDS_DAYS = {'loanstream_history_approval_ratio{window="long"}'}


@pytest.fixture
def prometheus(stack: RunningStack, tmp_path: Path) -> Iterator[RunningPrometheus]:
    """A real Prometheus with the stack's own configuration, scraping more often than it would."""
    binary = prometheus_binary()
    config = json.loads(prometheus_config_of(stack.place))
    config["global"] = {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "2s"}
    running = RunningPrometheus(binary, tmp_path, json.dumps(config))
    yield running
    running.stop()


@pytest.fixture
def traffic(stack: RunningStack) -> Iterator[None]:
    """Applications at both doors, some every second, and what became of the loans."""
    from kafka import KafkaProducer

    stop = threading.Event()
    rows = list(islice(read_rows(stack.applications), 30))
    outcomes = KafkaProducer(bootstrap_servers=stack.place.bootstrap.split(","))

    def send() -> None:
        turn = 0
        with stack.client() as http:
            while not stop.wait(1.0):
                turn += 1
                for place, row in enumerate(rows):
                    one = f"panels-{turn}-{row['SK_ID_CURR']}"
                    known = {"application_id": one, "defaulted": int(place % 10 == 0)}
                    outcomes.send(OUTCOMES_TOPIC, json.dumps(known).encode(), key=one.encode())
                feed(stack.place.bootstrap, stack.applications, limit=40, id_prefix=f"panels-{turn}-")
                applications = [envelope(row, f"panels-http-{turn}-") for row in rows]
                http.post("/v1/decisions", json={"applications": applications})

    thread = threading.Thread(target=send)
    thread.start()
    yield
    stop.set()
    thread.join()
    outcomes.close()


@pytest.mark.usefixtures("traffic", "challenger")
def test_no_panel_is_empty(prometheus: RunningPrometheus) -> None:
    """With traffic at both doors, outcomes and a challenger, every panel's queries answer with data: the monitor's, the
    graph's, the gateway's and Serve's own; every target is up, and what Serve has too much of is dropped.
    """
    asked = [(board, panel, query) for board, panel, query in queries(BOARDS) if panel.needs not in NOT_HERE]
    assert len({query for _, _, query in asked}) > 60

    def empty() -> list[str]:
        return [
            f"{board.title}, {panel.title}: {query}"
            for board, panel, query in asked
            if query not in NEEDS_DAYS and not prometheus.answers(query)
        ]

    end = time.monotonic() + 240.0
    left = ["Prometheus does not answer"]
    while left and time.monotonic() < end:
        time.sleep(2.0)
        try:
            left = empty()
        except OSError:
            continue
    assert left == []
    targets = prometheus.ask("targets")["activeTargets"]
    assert {target["labels"]["job"] for target in targets} == {"loanstream-monitor", "loanstream-ledger", "ray"}
    assert {target["health"] for target in targets} == {"up"}
    assert not prometheus.answers('{__name__=~"ray_serve_long_poll_.*|ray_grpc_server_.*"}')
    # The same model under another version: nobody swaps.
    swaps = prometheus.ask("query", query="sum(loanstream_shadow_swapped_ratio)")["result"]
    assert float(swaps[0]["value"][1]) == 0.0
