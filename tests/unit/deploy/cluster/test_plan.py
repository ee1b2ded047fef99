"""Which hosts a cluster has."""

from __future__ import annotations

from deploy.cluster.plan import ClusterPlan


def test_every_host_has_an_address_and_a_link_of_its_own() -> None:
    """Names, addresses and links are unique, links short enough for the kernel, and another network shares none."""
    hosts = [*ClusterPlan(3, 9), *ClusterPlan(3, 9, network=78)]
    for of in ("address", "namespace", "link"):
        values = [getattr(host, of) for host in hosts]
        assert len(set(values)) == len(values)
    assert max(len(host.link) for host in ClusterPlan(3, 9, network=254)) <= 15


def test_clients_ask_every_broker_first() -> None:
    """The bootstrap addresses name all brokers, so that one may be away."""
    plan = ClusterPlan()
    assert plan.bootstrap.split(",") == [f"{host.address}:9093" for host in plan.kafka]
    assert len(plan.kafka) == 3
