"""Where else the drift must show: the metrics that Prometheus holds, the newest Evidently report, the status page."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from benchmarks.incident.forecast import BOUNDS, Alert
from benchmarks.incident.prometheus import Prometheus

# A report's sample of 2,000 rows strays further than a window: this share of the bound is enough to stand out.
_ENOUGH = 0.9
_METRIC = {
    "FeatureDrift": ("loanstream_feature_psi", "psi"),
    "FeatureMissing": ("loanstream_feature_missing_shift_ratio", "missing_shift"),
}


def watched(prometheus: Prometheus, window: str = "short") -> dict[Alert, float]:
    """Return what the alerts on features watch now, from the metrics."""
    return {
        (alert, feature): value
        for alert, (metric, _) in _METRIC.items()
        for feature, value in prometheus.by_feature(f'{metric}{{window="{window}", against="training"}}').items()
    }


def newest_report(folder: Path, made_after_s: float) -> Path | None:
    """Return the newest drift report (its JSON file) if it was begun after that Unix time."""
    names = sorted(folder.glob("drift-*.json"))
    if not names:
        return None
    stamp = re.match(r"drift-(\d{8}T\d{6})", names[-1].name)
    assert stamp is not None
    from datetime import UTC, datetime

    begun = datetime.strptime(stamp[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()
    return names[-1] if begun > made_after_s else None


def in_report(report: Path) -> dict[Alert, float]:
    """Return what a report says of each feature, by the alert that watches the same; its HTML must be there too."""
    if not report.with_suffix(".html").is_file():
        return {}
    columns = json.loads(report.read_text())["columns"]
    return {
        (alert, column["column"]): float(column[name] or 0.0)
        for alert, (_, name) in _METRIC.items()
        for column in columns
    }


def on_page(port: int) -> dict[Alert, float]:
    """Return what the status page shows of each feature that it marks as bad."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        return read_page(answer.read().decode())


def read_page(html: str) -> dict[Alert, float]:
    """Return the cells of the page's drift table that are marked as bad, by the alert that watches the same."""
    found: dict[Alert, float] = {}
    for name, row in re.findall(r'<tr data-feature="([^"]+)">(.*?)</tr>', html, re.DOTALL):
        cells = re.findall(r'<td(?: class="(\w*)")?>([-+0-9.]*)', row)
        for place, alert, unit in ((1, "FeatureDrift", 1.0), (4, "FeatureMissing", 100.0)):
            mark, text = cells[place]
            if mark == "bad":
                found[alert, name] = float(text) / unit
    return found


def not_shown(expected: Iterable[Alert], where: str, found: dict[Alert, float]) -> list[str]:
    """Say which of the expected alerts' features do not stand out there; alerts without a feature are left out."""
    return [
        f"{' '.join(alert)} does not show {where}"
        for alert in sorted(expected)
        if alert[0] in _METRIC and found.get(alert, 0.0) < _ENOUGH * BOUNDS[alert[0]]
    ]
