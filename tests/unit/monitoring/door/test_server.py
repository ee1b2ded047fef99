"""The monitor's port."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from credit.errors import PortTaken
from monitoring.door.health import HealthAnswer
from monitoring.door.server import MonitorServer


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """A second monitor on the same port ends with the port and the variable to change."""
    answer = HealthAnswer("ok", 0.0, -1, [], "")
    arguments = (CollectorRegistry(), lambda: answer, lambda: "", tmp_path)
    server = MonitorServer("127.0.0.1", 0, *arguments)
    server.start()
    with pytest.raises(PortTaken, match=f"port {server.port} .*LOANSTREAM_MONITOR_PORT"):
        MonitorServer("127.0.0.1", server.port, *arguments)
    server.stop()


def test_the_port_answers_and_gives_no_other_files(tmp_path: Path) -> None:
    """Metrics, health by its status, page and reports are served; a path out of the reports' folder is not found."""
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "drift-1.json").write_text("{}")
    (tmp_path / "secret.json").write_text("{}")
    stale = HealthAnswer("stale", 90.0, -1, [], "")
    server = MonitorServer("127.0.0.1", 0, CollectorRegistry(), lambda: stale, lambda: "<p>page</p>", reports)
    server.start()

    def status(path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    try:
        assert status("/metrics")[0] == 200
        assert status("/") == (200, b"<p>page</p>")
        assert status("/reports/drift-1.json") == (200, b"{}")
        code, body = status("/health")
        assert (code, json.loads(body)["status"]) == (503, "stale")
        for path in ("/reports/../secret.json", "/reports/%2e%2e/secret.json", "/reports/gone.html", "/other"):
            assert status(path)[0] == 404, path
    finally:
        server.stop()
