"""The monitor's port."""

from __future__ import annotations

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
