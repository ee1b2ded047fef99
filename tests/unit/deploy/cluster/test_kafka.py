"""What the cluster's brokers are told."""

from __future__ import annotations

import pytest

from deploy.cluster.kafka import broker_properties
from deploy.cluster.plan import ClusterPlan

THREE = ClusterPlan()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_record_is_acknowledged_by_one_broker_alone(number: int) -> None:
    """Three copies, two of them in sync, and no leader that missed a record: for topics, offsets and transactions."""
    lines = broker_properties(THREE, number)
    copies = (
        "default.replication.factor",
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
    )
    assert {lines[name] for name in copies} == {"3"}
    assert lines["min.insync.replicas"] == lines["transaction.state.log.min.isr"] == "2"
    assert lines["unclean.leader.election.enable"] == "false"


def test_nothing_on_the_wire_is_plain() -> None:
    """Clients come by TLS and SCRAM; brokers and controllers show each other certificates."""
    lines = broker_properties(THREE, 2)
    protocols = dict(pair.split(":") for pair in lines["listener.security.protocol.map"].split(","))
    listeners = [listener.split("://")[0] for listener in lines["listeners"].split(",")]
    assert {protocols[name] for name in listeners} == {"SASL_SSL", "SSL"}
    assert protocols["CLIENT"] == "SASL_SSL"
    for name in ("internal", "controller"):
        assert lines[f"listener.name.{name}.ssl.client.auth"] == "required"


def test_brokers_know_one_quorum() -> None:
    """All name the same voters, and each has a number of its own."""
    told = [broker_properties(THREE, number) for number in (1, 2, 3)]
    assert len({lines["controller.quorum.voters"] for lines in told}) == 1
    assert [lines["node.id"] for lines in told] == ["1", "2", "3"]


def test_one_broker_keeps_one_copy() -> None:
    """A cluster of one broker asks for no more copies than there are."""
    lines = broker_properties(ClusterPlan(brokers=1), 1)
    assert lines["default.replication.factor"] == lines["min.insync.replicas"] == "1"
