"""What topics are created with."""

from __future__ import annotations

from credit.wire.topics import Topics
from streaming.kafka.topics import TopicSpec, standard_topics
from streaming.settings import MEBIBYTE


def test_what_is_the_proof_is_kept_for_ever_and_what_can_be_decided_again_a_month() -> None:
    """By the names that the settings give; an audit record holds a whole micro-batch."""
    specs = {spec.name: spec for spec in standard_topics(Topics(audit_topic="audit"))}
    assert specs["audit"].config(1)["retention.ms"] == "-1"
    assert specs["audit"].max_message_bytes == 16 * MEBIBYTE
    assert specs["loan-applications"].config(1)["retention.ms"] == str(30 * 86_400_000)
    assert specs["loan-outcomes"].config(1)["cleanup.policy"] == "compact"


def test_all_but_one_replica_must_have_a_record() -> None:
    """So that losing one broker neither stops writing nor loses what was acknowledged."""
    spec = TopicSpec("t", retention_days=1)
    assert [spec.config(replication)["min.insync.replicas"] for replication in (-1, 1, 2, 3)] == ["1", "1", "1", "2"]
    assert spec.config(3)["unclean.leader.election.enable"] == "false"
    assert spec.config(3)["cleanup.policy"] == "delete"
