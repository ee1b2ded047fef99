"""A scripted incident on a running stack: the right alerts fire, the wrong ones do not, and all recover.

`loanstream up` must run, with short windows so that it takes minutes and not an hour, for example
`LOANSTREAM_MONITOR_SHORT_WINDOW_S=120 LOANSTREAM_MONITOR_SHORT_PANE_S=10 LOANSTREAM_MONITOR_MEDIUM_WINDOW_S=240`.
Applications of a real table stream in; then EXT_SOURCE_2 goes missing for a third of them and incomes are scaled by
1.3; then all is as before. A Prometheus of its own, with the project's rules, watches the monitor. The last line is
`expected=N fired=N unexpected=N unresolved=N`; exit code 1 unless all is as it should be.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit.errors import SettingsError
from credit.features import CATALOG
from credit.messages import APPLICATIONS_TOPIC, encode_application
from monitoring.prometheus_config import prometheus_config
from streaming.feed import envelope, read_rows

RULES = Path(__file__).parents[1] / "deploy" / "prometheus"
Alert = tuple[str, str]  # name and feature, the latter empty where an alert has none
EXPECTED: frozenset[Alert] = frozenset({("FeatureMissing", "EXT_SOURCE_2"), ("FeatureDrift", "AMT_INCOME_TOTAL")})
CAUSES = ("EXT_SOURCE_2", "AMT_INCOME_TOTAL")
# What may follow from worse inputs: other scores, other outcomes, other reasons.
CONSEQUENCES = frozenset({"ScoreDrift", "ApprovalRateShift", "ReasonDrift"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an incident showed: the expected alerts, those of them that fired, wrong ones, and those that stayed."""

    expected: frozenset[Alert]
    fired: frozenset[Alert]
    unexpected: frozenset[Alert]
    unresolved: frozenset[Alert]

    @property
    def good(self) -> bool:
        return self.fired == self.expected and not self.unexpected and not self.unresolved

    def line(self) -> str:
        """Return the incident's last line."""
        counts = {name: len(getattr(self, name)) for name in ("expected", "fired", "unexpected", "unresolved")}
        return " ".join(f"{name}={count}" for name, count in counts.items())


def computed_from(causes: tuple[str, ...]) -> frozenset[str]:
    """Return the features whose definition names one of these, directly or through another feature."""
    found = set(causes)
    while True:
        more = {f.name for f in CATALOG.features if found & set(re.findall(r"\w+", f.definition))} - found
        if not more:
            return frozenset(found)
        found |= more


def verdict(before: set[Alert], during: set[Alert], after: set[Alert]) -> Verdict:
    """Judge the alerts that fired before (known differences of the table), during and after an incident."""
    touched = computed_from(CAUSES)
    new = during - before
    unexpected = {
        (name, feature)
        for name, feature in new - EXPECTED
        if name not in CONSEQUENCES and not (name in {"FeatureDrift", "FeatureMissing"} and feature in touched)
    }
    return Verdict(EXPECTED, frozenset(EXPECTED & new), frozenset(unexpected), frozenset(after - before))


class Prometheus:
    """A Prometheus with the project's rules that watches the given targets."""

    def __init__(self, folder: Path, targets: dict[str, list[str]]) -> None:
        binary = shutil.which("prometheus")
        if binary is None:
            raise SettingsError("prometheus is not installed; on Debian: apt-get install prometheus")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        config = folder / "prometheus.yml"
        rules = [str(RULES / name) for name in ("recording_rules.yml", "alert_rules.yml")]
        config.write_text(prometheus_config(targets, rules, scrape_interval="2s", evaluation_interval="2s"))
        address = f"--web.listen-address=127.0.0.1:{self._port}"
        storage = f"--storage.tsdb.path={folder / 'tsdb'}"
        self._process = subprocess.Popen([binary, f"--config.file={config}", storage, address, "--log.level=error"])

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of one call of the HTTP API, None while it does not answer."""
        url = f"http://127.0.0.1:{self._port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def firing(self) -> set[Alert]:
        """Return the alerts that fire now."""
        held = self.ask("alerts") or {"alerts": []}
        return {
            (a["labels"]["alertname"], a["labels"].get("feature", "")) for a in held["alerts"] if a["state"] == "firing"
        }

    def value(self, query: str) -> float:
        """Return a query's first value, NaN where it has none."""
        held = (self.ask("query", query=query) or {}).get("result") or []
        return float(held[0]["value"][1]) if held else float("nan")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


class Intake(threading.Thread):
    """Sends a table's applications at a rate, over and over, and hurts them while `hurting` is set."""

    def __init__(self, bootstrap: str, table: Path, rate: float) -> None:
        super().__init__(daemon=True)
        self._bootstrap, self._table, self._rate = bootstrap, table, rate
        self.hurting, self.ended = threading.Event(), threading.Event()
        self.sent = 0
        self.error: Exception | None = None

    def run(self) -> None:
        """Send until ended."""
        import kafka

        try:
            producer = kafka.KafkaProducer(bootstrap_servers=self._bootstrap.split(","), linger_ms=20)
            begin = time.monotonic()
            for row, prefix in self._rows():
                if self.ended.is_set():
                    break
                message = envelope(self._hurt(row) if self.hurting.is_set() else row, prefix)
                producer.send(APPLICATIONS_TOPIC, encode_application(message))
                self.sent += 1
                time.sleep(max(0.0, begin + self.sent / self._rate - time.monotonic()))
            producer.close()
        except Exception as error:  # noqa: BLE001 - the main thread tells of it
            self.error = error

    def _rows(self) -> Iterator[tuple[dict[str, Any], str]]:
        run = int(time.time())
        for turn in itertools.count():
            for row in read_rows(self._table):
                yield row, f"incident-{run}-{turn}-"

    def _hurt(self, row: dict[str, Any]) -> dict[str, Any]:
        hurt = dict(row)
        if self.sent % 3 == 0:
            hurt.pop("EXT_SOURCE_2", None)
        if "AMT_INCOME_TOTAL" in hurt:
            hurt["AMT_INCOME_TOTAL"] *= 1.3
        return hurt


def wait(holds: Callable[[], bool], timeout_s: float, intake: Intake) -> float | None:
    """Wait until something holds and return the seconds it took, None where it did not in time."""
    begin = time.monotonic()
    while time.monotonic() - begin < timeout_s:
        if intake.error is not None:
            raise SettingsError(f"applications cannot be sent: {intake.error}")
        if holds():
            return time.monotonic() - begin
        time.sleep(0.5)
    return None


def stage(prometheus: Prometheus, intake: Intake) -> Verdict:
    """Run the three acts and return the verdict."""
    short = 'sum(loanstream_window_decisions_count{window="short"})'
    if wait(lambda: prometheus.value(short) >= 500, 300, intake) is None:
        raise SettingsError("no 500 decisions in the short window after 5 minutes; is the stack deciding?")
    length = prometheus.value('max(loanstream_window_seconds{window="short"})')
    settle = length + 120
    print(f"short window {length:.0f} s; letting it settle for {settle:.0f} s", flush=True)
    before: set[Alert] = set()

    def settling() -> bool:
        before.update(prometheus.firing())
        return False

    wait(settling, settle, intake)
    print(f"firing before: {sorted(before) or 'nothing'}", flush=True)

    during: set[Alert] = set()
    intake.hurting.set()
    print("EXT_SOURCE_2 goes missing for a third, incomes are scaled by 1.3", flush=True)
    begin = time.monotonic()

    def watched() -> bool:
        for alert in sorted(prometheus.firing() - during - before):
            print(f"  {time.monotonic() - begin:6.1f} s  {' '.join(alert).strip()}", flush=True)
        during.update(prometheus.firing())
        return False

    # The whole window is hurt at the end, so that a wrong alert had its chance too.
    wait(watched, length + 180, intake)
    intake.hurting.clear()
    print("all is as before", flush=True)
    took = wait(lambda: prometheus.firing() <= before, 2 * length + 300, intake)
    print("not recovered" if took is None else f"recovered after {took:.1f} s", flush=True)
    return verdict(before, during, prometheus.firing())


def main() -> int:
    """Run the incident and print the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with application_test.parquet or .csv")
    parser.add_argument("--bootstrap", default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"))
    parser.add_argument("--monitor", default="127.0.0.1:9464", help="host:port of the monitor")
    parser.add_argument("--ray", default="", help="host:port of Ray's metrics")
    parser.add_argument("--rate", type=float, default=25.0, help="applications a second")
    options = parser.parse_args()
    tables = [options.data / f"application_test{ending}" for ending in (".parquet", ".csv")]
    table = next((path for path in tables if path.is_file()), None)
    if table is None:
        print(f"{options.data} has no application_test.parquet or .csv; name such a folder", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        targets = {"loanstream-monitor": [options.monitor], "ray": [options.ray] if options.ray else []}
        try:
            prometheus = Prometheus(Path(folder), targets)
        except SettingsError as error:
            print(error, file=sys.stderr)
            return 1
        intake = Intake(options.bootstrap, table, options.rate)
        intake.start()
        try:
            result = stage(prometheus, intake)
        except SettingsError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            intake.ended.set()
            intake.join(timeout=10)
            prometheus.stop()
    for name in ("unexpected", "unresolved"):
        for alert in sorted(getattr(result, name)):
            print(f"{name}: {' '.join(alert).strip()}")
    print(result.line())
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
