"""What the streaming side needs to know of its surroundings; passed in, never read from the environment at import."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field, model_validator
from pydantic_settings import SettingsConfigDict

from credit.wire.topics import Topics

MEBIBYTE = 1024 * 1024
# The ledger is the long memory: what an erasure cannot reach is gone by itself after this time.
AUDIT_RETENTION_DAYS = 90


class StreamingSettings(Topics):
    """Settings of the gateway: where it reads and writes, how much at once, and how long it waits for anything."""

    model_config = SettingsConfigDict(
        env_prefix="LOANSTREAM_KAFKA_", frozen=True, extra="ignore", populate_by_name=True, validate_default=True
    )

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("KAFKA_BOOTSTRAP_SERVERS", "LOANSTREAM_KAFKA_BOOTSTRAP_SERVERS"),
        description="Brokers to ask first, host:port with commas between.",
    )
    audit_retention_days: int = Field(
        default=AUDIT_RETENTION_DAYS,
        ge=-1,
        description="Days for which topics keep audit records, decisions, dead letters and a challenger's answers, all "
        "of which hold personal data; set when a topic is made; -1 is for ever, out of any erasure's reach.",
    )
    group_id: str = Field(default="loanstream-gateway", description="Consumer group of all gateway replicas.")
    transactional_prefix: str = Field(
        default="loanstream-gateway", description="Start of each replica's transactional id; its ACL is on this prefix."
    )

    max_batch: int = Field(default=500, ge=1, description="Most applications in one micro-batch and transaction.")
    pipeline_depth: int = Field(
        default=2, ge=1, le=8, description="Micro-batches at the graph at the same time, where many applications wait."
    )
    max_output_bytes: int = Field(
        default=8 * MEBIBYTE, ge=64 * 1024, description="Largest record we write; checked before it is sent."
    )
    compression: Literal["lz4", "gzip"] | None = Field(
        default=None,
        description="How record batches are packed; audit records, nine tenths of it all, are packed already.",
    )

    session_timeout_s: float = Field(default=6.0, ge=1, description="Silence after which the group drops a replica.")
    heartbeat_s: float = Field(default=0.3, gt=0, description="Time between two signs of life to the group.")
    max_poll_interval_s: float = Field(
        default=30.0, ge=5, description="Time between two polls after which a replica leaves the group."
    )
    transaction_timeout_s: float = Field(
        default=10.0, ge=2, description="Time after which the broker aborts an open transaction."
    )
    flush_timeout_s: float = Field(
        default=4.0, gt=0, description="Longest wait for the brokers to take a batch's records."
    )
    commit_timeout_s: float = Field(
        default=4.0, gt=0, description="Longest wait for offsets, again for the commit, and for a new epoch."
    )
    start_timeout_s: float = Field(default=30.0, gt=0, description="Longest wait for a client to find its broker.")
    decide_timeout_s: float = Field(default=30.0, gt=0, description="Longest wait for the graph to decide one batch.")
    assignment_timeout_s: float = Field(
        default=20.0, gt=0, description="Time without partitions after which a replica joins the group anew; doubles."
    )
    stall_timeout_s: float = Field(
        default=120.0, gt=0, description="Time without any progress, work waiting, after which a replica is unhealthy."
    )
    drain_timeout_s: float = Field(default=5.0, gt=0, description="Longest wait for batches under way at shutdown.")
    max_backoff_s: float = Field(default=5.0, gt=0, description="Longest pause between tries against a busy graph.")

    @property
    def telling_batch(self) -> int:
        """Applications of a micro-batch that tells that more wait; smaller ones say little of a replica's speed."""
        return max(1, self.max_batch // 4)

    @model_validator(mode="after")
    def _bounds_fit(self) -> StreamingSettings:
        # A transaction must end by our own clock before the broker's: past that point its outcome is not ours to know.
        if self.flush_timeout_s >= self.transaction_timeout_s or self.commit_timeout_s >= self.transaction_timeout_s:
            raise ValueError("flush_timeout_s and commit_timeout_s must be below transaction_timeout_s")
        if self.heartbeat_s * 3 > self.session_timeout_s:
            raise ValueError("session_timeout_s must be at least three times heartbeat_s")
        return self
