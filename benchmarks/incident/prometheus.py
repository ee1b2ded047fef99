"""What the stack's Prometheus says: values, and which alerts fire since when."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from benchmarks.incident.forecast import Alert


class Prometheus:
    """A client of the HTTP API of the Prometheus on a port of this machine."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of one call, None while it does not answer."""
        try:
            with urllib.request.urlopen(
                f"{self._url}/{path}?{urllib.parse.urlencode(parameters)}", timeout=10
            ) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def value(self, query: str) -> float:
        """Return a query's first value, NaN where it has none."""
        held = (self.ask("query", query=query) or {}).get("result") or []
        return float(held[0]["value"][1]) if held else float("nan")

    def by_feature(self, query: str) -> dict[str, float]:
        """Return a query's values by the label `feature`."""
        held = (self.ask("query", query=query) or {}).get("result") or []
        return {series["metric"].get("feature", ""): float(series["value"][1]) for series in held}

    def alerts(self) -> dict[str, set[Alert]] | None:
        """Return the alerts that are pending and firing, by state; None while Prometheus does not answer."""
        held = self.ask("alerts")
        if held is None:
            return None
        states: dict[str, set[Alert]] = {"pending": set(), "firing": set()}
        for alert in held["alerts"]:
            states[alert["state"]].add((alert["labels"]["alertname"], alert["labels"].get("feature", "")))
        return states


@dataclass
class Act:
    """What was seen of the alerts in one act: seconds since its beginning of each one's first pending, firing, end."""

    began: float = field(default_factory=time.monotonic)
    pending: dict[Alert, float] = field(default_factory=dict)
    fired: dict[Alert, float] = field(default_factory=dict)
    resolved: dict[Alert, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


class Watch:
    """Looks at the alerts again and again; `act` is the one going on."""

    def __init__(self, prometheus: Prometheus) -> None:
        self._prometheus = prometheus
        self.firing: frozenset[Alert] = frozenset()
        self.act = Act()

    def begin(self) -> Act:
        """Begin an act: times count from now."""
        self.act = Act()
        return self.act

    def look(self) -> None:
        """Look once and note what changed; an unanswered call changes nothing."""
        states = self._prometheus.alerts()
        if states is None:
            return
        seconds = self.act.seconds
        for alert in states["pending"] | states["firing"]:
            self.act.pending.setdefault(alert, seconds)
        for alert in states["firing"]:
            self.act.fired.setdefault(alert, seconds)
        for alert in self.firing - states["firing"]:
            self.act.resolved[alert] = seconds
        self.firing = frozenset(states["firing"])
