"""wrk as the load: so many connections, each sending its next request when its answer is there."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from credit.errors import SettingsError

_SCRIPT = Path(__file__).with_name("explain.lua")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is: its path, its body with `ID` where the client's id goes, and what answers once it may come."""

    path: str
    body: str
    ready: str = "/docs"


OURS = Asked("/explain", '{"sk_id_curr":ID}')


@dataclass(frozen=True, slots=True)
class WrkLoad:
    """Where requests go: the server's address, its key, the file of client ids to cycle through, and what is asked."""

    url: str
    api_key: str
    ids: Path
    asked: Asked = OURS

    def run(self, connections: int, seconds: float) -> LoadFigures:
        """Send requests for `seconds` over so many connections; raises SettingsError where wrk is not installed."""
        wrk = shutil.which("wrk")
        if wrk is None:
            raise SettingsError("wrk is not installed: apt-get install wrk")
        command = [wrk, "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "30s", "-s", str(_SCRIPT)]
        done = subprocess.run(
            [*command, self.url + self.asked.path, "--", self.api_key, str(self.ids), self.asked.body],
            capture_output=True,
            text=True,
            check=True,
        )
        line = next(line for line in done.stdout.splitlines() if line.startswith("figures "))
        figures = json.loads(line.removeprefix("figures "))
        return LoadFigures(
            figures["count"],
            figures["count"] / figures["microseconds"] * 1e6,
            figures["p50_us"] / 1000,
            figures["p99_us"] / 1000,
            figures["failures"],
        )


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """What wrk saw: answers, answers a second, milliseconds, and requests that failed or were not answered 200."""

    count: int
    per_s: float
    p50_ms: float
    p99_ms: float
    failures: int
