"""By what cause a transaction is in doubt."""

from __future__ import annotations

import pytest
from kafka.errors import (
    InvalidProducerEpochError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    ProducerFencedError,
)

from streaming.kafka.doubt import DoubtCause, InDoubt, doubt_cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (InDoubt("the group moved on", DoubtCause.GROUP), DoubtCause.GROUP),
        (ProducerFencedError(), DoubtCause.FENCED),
        (InvalidProducerEpochError(), DoubtCause.FENCED),
        (KafkaConnectionError(), DoubtCause.NETWORK),
        (KafkaTimeoutError(), DoubtCause.NETWORK),
        (KafkaError("else"), DoubtCause.BROKER),
        (ValueError("a mistake of ours"), None),
    ],
)
def test_every_error_of_the_brokers_has_its_cause_and_ours_have_none(
    error: Exception, cause: DoubtCause | None
) -> None:
    """Our own doubt brings its cause along; what Kafka raises is told by its kind."""
    assert doubt_cause(error) is cause


def test_in_doubt_can_be_tried_again() -> None:
    """Nothing is lost: work starts again from the committed offsets."""
    assert InDoubt("no answer", DoubtCause.COMMIT).retryable
