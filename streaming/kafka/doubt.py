"""In doubt: a transaction whose end is not known for certain, and by what it came to that.

Whatever the cause, the way on is the same: start again from the committed offsets. The cause is for the operator.
"""

from __future__ import annotations

from enum import StrEnum

from credit.errors import RetryableError


class DoubtCause(StrEnum):
    """Why a transaction was given up; the values of the label `cause`, so there are few and they never grow by data."""

    NETWORK = "network"  # a connection to the brokers broke, or no answer came in a request's time
    FLUSH = "flush"  # the brokers did not take a record, or not in time
    OFFSETS = "offsets"  # no answer in time to the consumed offsets
    COMMIT = "commit"  # no answer in time to the commit
    AGE = "age"  # the transaction came near the broker's own bound
    EPOCH = "epoch"  # the producer's epoch changed underneath, or a new one could not be had
    FENCED = "fenced"  # the brokers refused the producer: another one, or a late request, ended its epoch
    GROUP = "group"  # the group moved on, or what was read does not fit what was read before
    BROKER = "broker"  # the brokers answered with any other error


class InDoubt(RetryableError):
    """A transaction did not end cleanly in time: both clients are closed and work restarts from the committed offsets.

    Nothing is lost or doubled by it; where it keeps coming back, look at the brokers' health and disks, and at the
    network between (docs/runbooks/BrokerLinkUnreliable.md).
    """

    def __init__(self, message: str, cause: DoubtCause) -> None:
        self.cause = cause
        super().__init__(message)


def doubt_cause(error: BaseException) -> DoubtCause | None:
    """Return by what cause this error left a transaction in doubt; None for one that is not of the brokers' making."""
    from kafka.errors import (
        InvalidProducerEpochError,
        KafkaConnectionError,
        KafkaError,
        KafkaTimeoutError,
        NodeNotReadyError,
        ProducerFencedError,
        RequestTimedOutError,
    )

    if isinstance(error, InDoubt):
        return error.cause
    if isinstance(error, ProducerFencedError | InvalidProducerEpochError):
        return DoubtCause.FENCED
    if isinstance(error, KafkaConnectionError | KafkaTimeoutError | NodeNotReadyError | RequestTimedOutError):
        return DoubtCause.NETWORK
    return DoubtCause.BROKER if isinstance(error, KafkaError) else None
