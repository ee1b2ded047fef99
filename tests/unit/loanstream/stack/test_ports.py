"""Ports: options over what is kept over defaults, and a clear word for a taken one."""

from __future__ import annotations

import os
import socket
from dataclasses import astuple
from pathlib import Path

import pytest

from credit.errors import PortTaken, SettingsError
from loanstream.stack.ports import (
    Ports,
    free_stack_ports,
    option_of,
    read_ports,
    require_free,
    with_options,
    write_ports,
)
from streaming.broker.ports import is_free


def test_kept_ports_are_read_back(tmp_path: Path) -> None:
    """Ports written into a home are those that later commands read; none kept means the usual ones."""
    path = tmp_path / "ports.json"
    assert read_ports(path) == Ports()
    write_ports(path, Ports(http=1234))
    assert read_ports(path).http == 1234


def test_a_broken_ports_file_is_named(tmp_path: Path) -> None:
    """A ports file that is not JSON is an error that says which file to remove."""
    path = tmp_path / "ports.json"
    path.write_text("{")
    with pytest.raises(SettingsError, match=r"ports\.json"):
        read_ports(path)


def test_options_replace_only_what_they_name() -> None:
    """A port that is not named keeps its value."""
    ports = with_options(Ports(kafka=19092), {"http": 8100, "kafka": None})
    assert (ports.http, ports.kafka) == (8100, 19092)


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    """Ports run from 1 to 65535; the error names the option."""
    with pytest.raises(SettingsError, match="--http-port"):
        with_options(Ports(), {"http": port})


def test_one_port_for_two_parts_is_refused() -> None:
    """Two parts on one port are refused before anything starts; both options are named."""
    with pytest.raises(SettingsError, match=r"--kafka-port and --http-port"):
        with_options(Ports(), {"kafka": Ports().http})


def test_a_taken_port_is_named_with_its_need_owner_and_option() -> None:
    """The error names the port, what needs it, who has it and the option that sets another."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortTaken) as caught:
            require_free(Ports(ray_dashboard=port), ["ray_dashboard"])
    message = str(caught.value)
    assert f"port {port}" in message
    assert "Ray's dashboard" in message
    assert "--ray-dashboard-port" in message
    assert f"pid {os.getpid()}" in message


def test_free_ports_are_all_different() -> None:
    """A whole stack's free ports are different and free."""
    ports = astuple(free_stack_ports())
    assert len(set(ports)) == len(ports)
    assert all(is_free(port) for port in ports)


def test_every_port_has_its_option() -> None:
    """The option's name follows from the port's."""
    assert option_of("ray_metrics") == "--ray-metrics-port"
