"""A challenger on the running graph: decided applications are scored by it too, and published."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from credit.wire.audit import decode_audit
from credit.wire.shadow import decode_shadow
from credit.wire.topics import AUDIT_TOPIC, SHADOW_TOPIC
from streaming.feed import envelope, feed, read_rows
from streaming.kafka.reading import read_topics
from tests.fixtures.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]


def values_of(stack: RunningStack, topic: str) -> list[bytes]:
    """Return all committed records of a topic."""
    return [record.value or b"" for record in read_topics(stack.place.bootstrap, [topic])]


def shadowed(stack: RunningStack, version: str) -> dict[str, tuple[float, int]]:
    """Return the challenger's probability and outcome by decision id."""
    records = [decode_shadow(value) for value in values_of(stack, SHADOW_TOPIC)]
    return {
        one: (probability, outcome)
        for record in records
        if record.version == version
        for one, probability, outcome in zip(
            record.decision_ids, record.probability.tolist(), record.outcome.tolist(), strict=True
        )
    }


def metrics_of(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def until(holds: Callable[[], Any], what: str, timeout_s: float = 150.0) -> Any:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"no {what} within {timeout_s:.0f} s")


def test_what_is_decided_is_scored_by_the_challenger_too(stack: RunningStack, challenger: str) -> None:
    """Both doors' decisions reach the shadow topic with the ids of the decisions and, the model being the same, their
    very probabilities and outcomes; the counters say so.
    """
    turn = 0

    def seen() -> dict[str, tuple[float, int]]:
        # The doors' replicas look for a challenger now and then: applications go on coming until it has seen it.
        nonlocal turn
        turn += 1
        feed(stack.place.bootstrap, stack.applications, limit=40, id_prefix=f"shadow-{turn}-")
        return shadowed(stack, challenger)

    until(seen, "challenger's answer")
    rows = [row for row, _ in zip(read_rows(stack.applications), range(30), strict=False)]
    by_http: set[str] = set()

    def of_http() -> dict[str, tuple[float, int]]:
        # Each door looks for itself, from its first decision on: some come until this one has seen it too.
        nonlocal turn, by_http
        turn += 1
        with stack.client() as http:
            sent = {"applications": [envelope(row, f"shadow-http-{turn}-") for row in rows]}
            answer = http.post("/v1/decisions", json=sent).json()
        by_http |= {decision["decision_id"] for decision in answer["decisions"]}
        now = shadowed(stack, challenger)
        return now if now.keys() & by_http else {}

    found = until(of_http, "answers to the HTTP door's")
    decided = {}
    for value in values_of(stack, AUDIT_TOPIC):
        record = decode_audit(value)
        pairs = zip(record.decision_ids, record.probability.tolist(), record.outcome.tolist(), strict=True)
        decided |= {one: (probability, outcome) for one, probability, outcome in pairs}
    assert set(found) <= set(decided)
    assert found.keys() - by_http
    ids = sorted(found)
    assert np.array_equal([found[i][0] for i in ids], [decided[i][0] for i in ids])
    assert [found[i][1] for i in ids] == [decided[i][1] for i in ids]

    def counted() -> bool:
        lines = metrics_of(stack.place.ports.ray_metrics).splitlines()
        return any("shadow_scored" in line and f'model_version="{challenger}"' in line for line in lines)

    until(counted, "counter of scored applications")
