"""Topics are ensured, over a hand-written admin client."""

from __future__ import annotations

from typing import Any

import kafka.admin
import pytest
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata, TopicPartition

from credit.errors import DependencyUnavailable
from streaming.kafka.admin import brokers_answer, ensure_topics, group_offsets
from streaming.kafka.topics import TopicSpec


class Admin:
    created: list[Any]
    quicker: set[str]

    def __init__(self, **options: Any) -> None:
        if options["bootstrap_servers"] in ("away", ["away"]):
            raise KafkaError("no brokers")

    def list_topics(self) -> list[str]:
        return ["there"]

    def create_topics(self, topics: list[Any], timeout_ms: int) -> None:
        for topic in topics:
            if topic.name in Admin.quicker:
                raise TopicAlreadyExistsError
            Admin.created.append(topic)

    def describe_cluster(self) -> dict[str, Any]:
        return {"brokers": [1]}

    def list_group_offsets(self, groups: dict[str, None]) -> dict[str, dict[Any, Any]]:
        (group,) = groups
        places = [TopicPartition("in", 1), TopicPartition("else", 0), TopicPartition("in", 0)]
        return {group: {place: OffsetAndMetadata(10 + place.partition, "", -1) for place in places}}

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def _admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka.admin, "KafkaAdminClient", Admin)
    Admin.created, Admin.quicker = [], set()


def test_only_what_is_missing_is_created() -> None:
    """A topic that is there is left as it is, and one that another process makes meanwhile is as good."""
    Admin.quicker = {"raced"}
    ensure_topics("up", 4, 2, specs=[TopicSpec(name, 1) for name in ("there", "raced", "missing")])
    (topic,) = Admin.created
    assert (topic.name, topic.num_partitions, topic.replication_factor) == ("missing", 4, 2)
    assert topic.topic_configs["retention.ms"] == "86400000"


def test_brokers_that_are_away_are_named() -> None:
    """One of our errors with the address, and no answer where only that is asked."""
    with pytest.raises(DependencyUnavailable, match="Kafka at away"):
        ensure_topics("away", 4, specs=[TopicSpec("t", 1)])
    with pytest.raises(DependencyUnavailable, match="Kafka at away"):
        group_offsets("away", "g", "in")
    assert not brokers_answer("away", 0.1)
    assert brokers_answer("up", 0.1)


def test_a_group_s_offsets_are_those_of_the_topic_asked_for() -> None:
    """Of one request, in the partitions' order."""
    assert list(group_offsets("up", "g", "in").items()) == [(0, 10), (1, 11)]
