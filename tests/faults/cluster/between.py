"""Stands between some hosts and the brokers: what they send to the brokers' addresses ends here, TLS and all.

Inside a host's network the brokers' addresses are made its own, and listened at from here; a certificate of the
cluster's authority is at hand. So the host's programs run as they are, by the settings they have, and see the brokers.
"""

from __future__ import annotations

import ctypes
import os
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from deploy.cluster import network
from deploy.cluster.cluster import Cluster
from deploy.cluster.environment import CERTIFICATES
from deploy.cluster.host import Host
from deploy.cluster.plan import KAFKA_PORT, PlannedHost
from tests.faults.front import Front
from tests.faults.proxy import KafkaProxy, Plan

_CLONE_NEWNET = 0x40000000


class Between:
    """A proxy between hosts and all brokers; connections that were there before are cut, and made anew through it."""

    def __init__(self, cluster: Cluster, hosts: list[Host], plan: Plan) -> None:
        self._brokers, self._hosts = cluster.plan.kafka, hosts
        certificates = cluster.home / CERTIFICATES
        user, password = "loanstream", cluster.credentials.kafka
        connecting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
        fronts = []
        for broker in self._brokers:
            accepting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            accepting.load_cert_chain(certificates / f"{broker.name}.pem")
            for host in hosts:
                target = (broker.address, KAFKA_PORT)
                fronts.append(Front(_listener(host, broker), target, accepting, connecting, user, password))
        self.proxy = KafkaProxy(fronts, plan)

    def start(self) -> None:
        """Take the hosts' way to the brokers."""
        for host in self._hosts:
            network.take_addresses(host.planned, self._brokers)
        self.proxy.start()

    def stop(self) -> None:
        """Give it back."""
        self.proxy.stop()
        for host in self._hosts:
            network.give_addresses_back(host.planned, self._brokers)


def _listener(host: Host, broker: PlannedHost) -> Callable[[], socket.socket]:
    return lambda: listen_in(host.planned.namespace, (broker.address, KAFKA_PORT))


def listen_in(namespace: str, address: tuple[str, int]) -> socket.socket:
    """Open a listener inside a network namespace; a socket belongs to the one it was made in, whoever uses it."""
    opened: list[socket.socket] = []
    failed: list[OSError] = []

    def listen() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        entered = os.open(Path("/run/netns") / namespace, os.O_RDONLY)
        try:
            if libc.setns(entered, _CLONE_NEWNET) == 0:
                opened.append(socket.create_server(address, backlog=64))
            else:
                failed.append(OSError(ctypes.get_errno(), f"namespace {namespace} cannot be entered"))
        except OSError as error:
            failed.append(error)
        finally:
            os.close(entered)

    # A namespace belongs to a thread: this one goes in, and ends there.
    thread = threading.Thread(target=listen, name=f"listen in {namespace}")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return opened[0]
