"""The topics, with retention, compaction and sizes written down rather than left to the brokers' defaults."""

from __future__ import annotations

from dataclasses import dataclass

from credit.wire.topics import Topics
from streaming.settings import AUDIT_RETENTION_DAYS, MEBIBYTE

_DAY_MS = 24 * 3600 * 1000
APPLICATIONS_RETENTION_DAYS = 30
REPLAY_TOPIC_PREFIX = "loan-replay-"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic: how long it keeps its records and how large one may be.

    retention_days -1 keeps them for ever; keyed topics that are compacted keep the last record of each key.
    """

    name: str
    retention_days: int
    max_message_bytes: int = MEBIBYTE
    compacted: bool = False

    def config(self, replication: int) -> dict[str, str]:
        """Return the topic's configuration; replication -1 is the brokers' own, and so is what must be in sync then."""
        retention = -1 if self.retention_days < 0 else self.retention_days * _DAY_MS
        in_sync = {} if replication < 0 else {"min.insync.replicas": str(max(1, replication - 1))}
        return in_sync | {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(retention),
            "max.message.bytes": str(self.max_message_bytes),
            "unclean.leader.election.enable": "false",
        }


def standard_topics(topics: Topics, audit_retention_days: int = AUDIT_RETENTION_DAYS) -> list[TopicSpec]:
    """Return the project's topics, by the names that these settings give them.

    Applications are kept a month, so that any gap can be decided again. Whatever else holds personal data is kept
    `audit_retention_days`: no erasure reaches a topic, so its end does (docs/privacy.md). Heads of the log hold none,
    and the last one of each day stays for ever. A dead letter must hold whatever the applications topic took, and an
    audit record a whole micro-batch.
    """
    days = audit_retention_days
    return [
        TopicSpec(topics.applications_topic, retention_days=APPLICATIONS_RETENTION_DAYS),
        TopicSpec(topics.decisions_topic, retention_days=days),
        TopicSpec(topics.audit_topic, retention_days=days, max_message_bytes=16 * MEBIBYTE),
        TopicSpec(topics.dead_letters_topic, retention_days=days, max_message_bytes=2 * MEBIBYTE),
        TopicSpec(topics.outcomes_topic, retention_days=-1, compacted=True),
        TopicSpec(topics.shadow_topic, retention_days=days, max_message_bytes=16 * MEBIBYTE),
        TopicSpec(topics.reviews_topic, retention_days=-1),
        TopicSpec(topics.tree_heads_topic, retention_days=-1, compacted=True),
    ]
