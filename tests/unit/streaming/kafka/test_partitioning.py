"""Keys go where all other clients of Kafka put them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner import DefaultPartitioner
from kafka.partitioner.default import murmur2 as reference

from streaming.kafka.partitioning import KeyPartitioner, murmur2


class Cluster:
    """What a partitioner asks of kafka-python's metadata."""

    def __init__(self, partitions: int) -> None:
        self._partitions = set(range(partitions))

    def topics(self) -> set[str]:
        return {"decisions"}

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return self._partitions if topic == "decisions" else None

    available_partitions_for_topic = partitions_for_topic


@given(st.binary(max_size=80))
def test_the_hash_is_the_one_of_kafkas_clients(key: bytes) -> None:
    """Every key has the hash that kafka-python, after the Java client, gives it."""
    assert murmur2(key) == reference(key) & 0xFFFFFFFF


@given(st.binary(max_size=40), st.integers(1, 50))
def test_a_key_goes_to_the_partition_of_the_default_partitioner(key: bytes, partitions: int) -> None:
    """Records of one key stay together with those that other clients write."""
    cluster = Cluster(partitions)
    expected = DefaultPartitioner().partition("decisions", key, key, b"", b"", cluster)
    assert KeyPartitioner().partition("decisions", key, key, b"", b"", cluster) == expected


def test_records_without_a_key_are_spread_and_strangers_are_named() -> None:
    """Without a key any partition will do; a topic that is not there is an error."""
    chosen = {KeyPartitioner().partition("decisions", None, None, b"", b"", Cluster(4)) for _ in range(200)}
    assert chosen == {0, 1, 2, 3}
    with pytest.raises(ValueError, match="nowhere"):
        KeyPartitioner().partition("nowhere", b"a", b"a", b"", b"", Cluster(4))
