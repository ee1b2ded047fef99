"""Which broker leads what, and how leadership is moved: so that the right one can be broken."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from credit.errors import StackError
from deploy.cluster.cluster import Cluster
from deploy.cluster.host import Host
from deploy.cluster.waiting import wait_for
from streaming.settings import StreamingSettings

_TIMEOUT_MS = 20_000
_PREFERRED = 0


def group_coordinator(cluster: Cluster) -> Host:
    """Return the broker that coordinates the gateways' group."""
    parts = _partitions(cluster, "__consumer_offsets")
    return _host(cluster, parts[coordinating_partition(StreamingSettings().group_id, len(parts))]["leader_id"])


def transaction_coordinator(cluster: Cluster) -> Host:
    """Return the broker that coordinates the transactions of most gateways."""
    parts = _partitions(cluster, "__transaction_state")
    with closing(_admin(cluster)) as admin:
        listed = [str(one.transactional_id) for here in admin.list_transactions().values() for one in here]
    ours = [name for name in listed if name.startswith(StreamingSettings().transactional_prefix)]
    if not ours:
        raise StackError("no gateway has a transactional id at the brokers yet")
    return _host(cluster, _most([parts[coordinating_partition(name, len(parts))]["leader_id"] for name in ours]))


def coordinating_partition(name: str, partitions: int) -> int:
    """Return the partition whose leader coordinates a group or a transactional id: Java's hash without its sign."""
    value = 0
    for letter in name:
        value = (31 * value + ord(letter)) & 0xFFFFFFFF
    return (value & 0x7FFFFFFF) % partitions


def leader(cluster: Cluster, topic: str) -> Host:
    """Return the broker that leads most partitions of a topic."""
    return _host(cluster, _most([part["leader_id"] for part in _partitions(cluster, topic).values()]))


def controller(cluster: Cluster) -> Host:
    """Return the broker that is the quorum's active controller."""
    with closing(_admin(cluster)) as admin:
        (topic,) = admin.describe_metadata_quorum()["topics"]
    return _host(cluster, int(topic["partitions"][0]["leader_id"]))


def move_leaders(cluster: Cluster, topics: Sequence[str], rng: random.Random) -> None:
    """Put the replicas of every partition into an order drawn anew, and let the first of each lead."""
    from kafka import TopicPartition

    wanted = {}
    for topic in topics:
        for number, part in _partitions(cluster, topic).items():
            nodes = list(part["replica_nodes"])
            rng.shuffle(nodes)
            wanted[TopicPartition(topic, number)] = nodes
    with closing(_admin(cluster)) as admin:
        admin.alter_partition_reassignments(wanted)
        admin.elect_leaders(_PREFERRED, list(topics), raise_errors=False)


def wait_until_in_sync(cluster: Cluster, timeout_s: float = 180.0) -> None:
    """Wait until every replica of every partition is in sync with its leader; StackError where it never is."""

    def all_in_sync() -> bool:
        try:
            with closing(_admin(cluster)) as admin:
                described = admin.describe_topics()
        except Exception:  # noqa: BLE001 - a broker that is only just coming up
            return False
        parts = [part for topic in described for part in topic["partitions"]]
        return all(len(part["isr_nodes"]) == len(part["replica_nodes"]) for part in parts)

    wait_for(all_in_sync, timeout_s, "the brokers' partitions are not in sync")


def _partitions(cluster: Cluster, topic: str) -> dict[int, dict[str, Any]]:
    """Return partition -> what the brokers say of it."""
    with closing(_admin(cluster)) as admin:
        (described,) = admin.describe_topics([topic])
    return {part["partition_index"]: part for part in described["partitions"]}


def _admin(cluster: Cluster) -> Any:
    from kafka.admin import KafkaAdminClient

    return KafkaAdminClient(
        bootstrap_servers=cluster.plan.bootstrap.split(","),
        request_timeout_ms=_TIMEOUT_MS,
        **cluster.kafka_security().client_options(),
    )


def _host(cluster: Cluster, node: int) -> Host:
    if node < 1:
        raise StackError("nobody leads that partition at the moment")
    return cluster.hosts[cluster.plan.kafka[node - 1].name]


def _most(nodes: list[int]) -> int:
    return Counter(nodes).most_common(1)[0][0]
