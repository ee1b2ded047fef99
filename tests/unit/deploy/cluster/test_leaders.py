"""Which partition a name is coordinated by: Kafka's own arithmetic."""

from __future__ import annotations

import pytest

from deploy.cluster.leaders import coordinating_partition


@pytest.mark.parametrize(
    ("name", "java_hash"), [("", 0), ("a", 97), ("hello", 99162322), ("polygenelubricants", -(2**31))]
)
def test_names_are_hashed_as_java_does(name: str, java_hash: int) -> None:
    """Also the one whose hash has no positive counterpart, which Kafka takes for 0."""
    assert coordinating_partition(name, 2**31 - 1) == (java_hash & 0x7FFFFFFF) % (2**31 - 1)


def test_a_coordinator_is_one_of_the_partitions() -> None:
    assert {coordinating_partition(f"gateway-{n}", 8) for n in range(200)} == set(range(8))
