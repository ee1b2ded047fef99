"""The Serve graph as seen from outside: its deployments and replicas, and whether it can decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loanstream.stack.ray_node import get_json, serve_status
from loanstream.stack.surroundings import GATEWAY_GROUP, Place

APPLICATION = "loanstream"
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment: replicas that run, and how many Serve wants."""

    running: int
    target: int
    healthy: bool


@dataclass(frozen=True, slots=True)
class GraphState:
    """The application's status in Serve's words, and its deployments by name."""

    status: str
    deployments: Mapping[str, Deployment]

    @property
    def replicas(self) -> dict[str, tuple[int, int]]:
        return {name: (deployment.running, deployment.target) for name, deployment in self.deployments.items()}


def graph_state(place: Place) -> GraphState | None:
    """Return the graph's state, or None while Serve does not answer or runs in a cluster elsewhere."""
    if place.around.ray_address is not None:
        return None
    answer = serve_status(place.home, place.ports)
    if answer is None:
        return None
    application = answer.get("applications", {}).get(APPLICATION)
    if application is None:
        return GraphState("NOT_DEPLOYED", {})
    deployments = {}
    for name, deployment in application["deployments"].items():
        running = sum(1 for replica in deployment["replicas"] if replica["state"] == "RUNNING")
        target = deployment.get("target_num_replicas") or running
        deployments[name] = Deployment(running, target, deployment["status"] == "HEALTHY")
    return GraphState(application["status"], deployments)


def reads_the_stream(place: Place) -> bool:
    """Say whether the gateways have settled who reads which partition; True where this graph has none to wait for."""
    from streaming.kafka.admin import group_is_stable

    state = graph_state(place)
    return state is None or GATEWAY not in state.deployments or group_is_stable(place.bootstrap, GATEWAY_GROUP)


def is_ready(place: Place) -> bool:
    """Say whether the HTTP door says that a model is loaded and applications can be decided."""
    return get_json(place.ports.http, "/ready") is not None
