"""What topics are created with."""

from __future__ import annotations

import pytest

from credit.wire.topics import Topics
from streaming.kafka.topics import TopicSpec, standard_topics
from streaming.settings import MEBIBYTE, StreamingSettings

DAY_MS = 24 * 3600 * 1000


def kept_ms(days: int | None = None) -> dict[str, int]:
    specs = standard_topics(Topics()) if days is None else standard_topics(Topics(), days)
    return {spec.name: int(spec.config(1)["retention.ms"]) for spec in specs}


def test_no_topic_keeps_a_person_for_ever() -> None:
    """By default what an erasure cannot reach ends by itself: within 90 days, applications within 30.

    Reviews and heads name nobody; outcomes keep the last word of each application, which an empty record removes.
    """
    kept = kept_ms()
    for_ever = {"loan-outcomes", "loan-reviews", "loan-tree-heads"}
    assert {name for name, ms in kept.items() if ms < 0} == for_ever
    assert {name: ms for name, ms in kept.items() if name not in for_ever} == {
        "loan-applications": 30 * DAY_MS,
        "loan-decisions": 90 * DAY_MS,
        "loan-audit": 90 * DAY_MS,
        "loan-applications-dlq": 90 * DAY_MS,
        "loan-shadow": 90 * DAY_MS,
    }


def test_the_bank_decides_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting counts for all of them alike, and -1 keeps them for ever."""
    monkeypatch.setenv("LOANSTREAM_KAFKA_AUDIT_RETENTION_DAYS", "7")
    days = StreamingSettings().audit_retention_days
    assert kept_ms(days)["loan-audit"] == kept_ms(days)["loan-shadow"] == 7 * DAY_MS
    assert kept_ms(-1)["loan-audit"] == -1


def test_topics_have_their_names_and_sizes() -> None:
    """By the names that the settings give; an audit record holds a whole micro-batch; some keep the last word only."""
    specs = {spec.name: spec for spec in standard_topics(Topics(audit_topic="audit"))}
    assert specs["audit"].max_message_bytes == 16 * MEBIBYTE
    assert {name for name, spec in specs.items() if spec.config(1)["cleanup.policy"] == "compact"} == {
        "loan-outcomes",
        "loan-tree-heads",
    }


def test_all_but_one_replica_must_have_a_record() -> None:
    """So that losing one broker neither stops writing nor loses what was acknowledged; the brokers' own is theirs."""
    spec = TopicSpec("t", retention_days=1)
    in_sync = [spec.config(replication).get("min.insync.replicas") for replication in (-1, 1, 2, 3)]
    assert in_sync == [None, "1", "1", "2"]
    assert spec.config(3)["unclean.leader.election.enable"] == "false"
    assert spec.config(3)["cleanup.policy"] == "delete"
