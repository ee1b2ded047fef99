"""A broker with a second listener that clients reach only through a proxy, whose port it advertises as its own."""

from __future__ import annotations

from pathlib import Path

from streaming.broker.embedded import EmbeddedBroker
from streaming.broker.ports import LOOPBACK, free_ports
from tests.faults.front import Front
from tests.faults.proxy import KafkaProxy, Plan


class ProxiedBroker:
    """The broker (`broker.bootstrap`: straight to it) and the proxy before it (`bootstrap`)."""

    def __init__(self, home: Path, plan: Plan, data: Path | None = None) -> None:
        straight, behind, before, controller = free_ports(4)
        own = f"PLAINTEXT://{LOOPBACK}:{straight}"
        self.bootstrap = f"{LOOPBACK}:{before}"
        self.proxy = KafkaProxy([Front.on_loopback(before, behind)], plan)
        self.broker = EmbeddedBroker(
            home,
            straight,
            data=data,
            extra={
                "listeners": f"{own},PROXIED://{LOOPBACK}:{behind},CONTROLLER://{LOOPBACK}:{controller}",
                "advertised.listeners": f"{own},PROXIED://{LOOPBACK}:{before}",
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT",
                "controller.quorum.voters": f"1@{LOOPBACK}:{controller}",
                "inter.broker.listener.name": "PLAINTEXT",
            },
        )

    def start(self) -> None:
        """Start both; returns once the broker answers."""
        self.proxy.start()
        self.broker.start()

    def stop(self) -> None:
        """Stop both."""
        self.proxy.stop()
        self.broker.stop()
