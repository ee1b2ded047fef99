"""The embedded broker before any process of it is started."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from credit.errors import PortTaken
from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import free_port


def test_a_port_in_use_is_named_before_anything_is_written(tmp_path: Path) -> None:
    """The message names the port, and the home stays empty."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            EmbeddedBroker(tmp_path / "home", port).start()
    assert not (tmp_path / "home").exists()


def test_a_pid_that_is_now_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A stale pid file that names another process neither stops it nor counts as a broker."""
    (tmp_path / "broker.pid").write_text(f"{os.getpid()} 1.0\n")
    broker = EmbeddedBroker(tmp_path, free_port())
    assert broker.pid is None
    broker.stop()
    assert not (tmp_path / "broker.pid").exists()
