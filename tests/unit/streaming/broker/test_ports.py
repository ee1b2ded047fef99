"""Free ports of this machine."""

from __future__ import annotations

import socket

import pytest

from streaming.broker.ports import LOOPBACK, free_port, free_ports, is_free, promise


def test_a_port_on_which_somebody_listens_is_not_free() -> None:
    """On the loopback, and with the listener gone it is free again."""
    port = free_port()
    with socket.socket() as server:
        server.bind((LOOPBACK, port))
        server.listen()
        assert not is_free(port)
    assert is_free(port)


def test_free_ports_are_no_connections_of_the_next_moment() -> None:
    """They lie below those that Linux gives to outgoing connections, so that none takes one before its server does."""
    assert all(port < 32768 for port in free_ports(50))


def test_a_port_that_is_somebodys_is_given_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports that were given or promised are not found again, though nothing listens on them yet."""
    monkeypatch.setattr("streaming.broker.ports._FIRST", 32700)
    monkeypatch.setattr("streaming.broker.ports._promised", set())
    promise([32705])
    found = free_ports(20)
    left = [port for port in range(32700, 32768) if port not in {*found, 32705} and is_free(port)]
    assert sorted(free_ports(len(left))) == left
    with pytest.raises(OSError, match="fewer than 1 ports"):
        free_ports(1)
