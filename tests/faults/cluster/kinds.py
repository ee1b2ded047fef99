"""Every way to break a cluster, by name."""

from __future__ import annotations

import random
from collections.abc import Callable

from deploy.cluster import leaders
from tests.faults.cluster.world import ClusterWorld

# Longer than the gateways' session at their group (10 s): the others take their partitions meanwhile.
_BEYOND_THE_SESSION_S = (14.0, 25.0)


def fault_kinds(world: ClusterWorld, rng: random.Random) -> dict[str, Callable[[], bool]]:
    """Return the kinds of fault; one that answers False found nothing to break at the moment."""
    hosts, cluster = world.cluster.hosts, world.cluster
    head, stores = hosts["ray-head"], hosts["stores"]

    def minutes_off() -> float:
        return rng.choice((-1, 1)) * rng.uniform(120.0, 900.0)

    def seconds(least: float, most: float) -> float:
        return rng.uniform(least, most)

    return {
        "kill a worker": lambda: world.kill(rng.choice(world.workers), seconds(5, 15)),
        "freeze a worker": lambda: world.freeze(rng.choice(world.workers), seconds(*_BEYOND_THE_SESSION_S)),
        "a worker far away": lambda: world.slow(rng.choice(world.workers), seconds(5, 20), seconds(0.02, 0.3), 0.0),
        "a worker whose link loses": lambda: world.slow(
            rng.choice(world.workers), seconds(5, 20), 0.001, rng.uniform(0.01, 0.15)
        ),
        "a broker far away": lambda: world.slow(rng.choice(world.brokers), seconds(5, 20), seconds(0.02, 0.3), 0.0),
        "a broker whose link loses": lambda: world.slow(
            rng.choice(world.brokers), seconds(5, 20), 0.001, rng.uniform(0.01, 0.15)
        ),
        "a worker's clock wrong": lambda: world.wrong_clock(rng.choice(world.workers), seconds(10, 25), minutes_off()),
        "a broker's clock wrong": lambda: world.wrong_clock(rng.choice(world.brokers), seconds(10, 25), minutes_off()),
        "cut a worker off": lambda: world.cut(rng.choice(world.workers), seconds(3, 20)),
        "brokers unheard by a worker": lambda: world.cut_one_way(
            rng.choice(world.workers), world.brokers, seconds(3, 15)
        ),
        "a worker unheard by a broker": lambda: world.cut_one_way(
            rng.choice(world.brokers), world.workers, seconds(3, 15)
        ),
        "a broker unheard by the others": lambda: world.cut_one_way(
            rng.choice(world.brokers), world.brokers, seconds(3, 15)
        ),
        "cut a broker off": lambda: world.cut(rng.choice(world.brokers), seconds(3, 20)),
        "kill a leader": lambda: world.kill(leaders.leader(cluster, world.topics.applications_topic), seconds(3, 10)),
        "kill the group's coordinator": lambda: world.kill(leaders.group_coordinator(cluster), seconds(3, 10)),
        "kill the transactions' coordinator": lambda: world.kill(
            leaders.transaction_coordinator(cluster), seconds(3, 10)
        ),
        "kill the controller": lambda: world.kill(leaders.controller(cluster), seconds(3, 10)),
        "freeze a broker": lambda: world.freeze(rng.choice(world.brokers), seconds(5, 20)),
        "too few in sync": lambda: world.two_brokers_away(seconds(5, 15)),
        "restart all brokers": world.roll_brokers,
        "move the leaders": world.move_partitions,
        "the head killed": lambda: world.kill(head, seconds(3, 10)),
        "Redis away": lambda: world.freeze(stores, seconds(3, 15), "redis-server"),
        "MLflow away": lambda: world.freeze(stores, seconds(3, 15), "mlflow"),
        "stores cut off": lambda: world.cut(stores, seconds(3, 15)),
    }
