"""The watch on alerts."""

from __future__ import annotations

from typing import Any

from benchmarks.incident.prometheus import Prometheus, Watch


def test_the_watch_notes_when_an_alert_came_and_went() -> None:
    """First pending, first firing and the end are kept; a call without an answer changes nothing."""
    answers: list[Any] = [
        {"alerts": [{"labels": {"alertname": "FeatureDrift", "feature": "X"}, "state": "pending"}]},
        None,
        {"alerts": [{"labels": {"alertname": "FeatureDrift", "feature": "X"}, "state": "firing"}]},
        {"alerts": []},
    ]

    class Told(Prometheus):
        def ask(self, path: str, **parameters: str) -> Any:
            return answers.pop(0)

    watch = Watch(Told(1))
    seen = []
    while answers:
        watch.look()
        seen.append((len(watch.act.pending), len(watch.firing), len(watch.act.resolved)))
    assert seen == [(1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 0, 1)]
