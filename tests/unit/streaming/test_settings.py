"""Settings and what they become."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from streaming.settings import StreamingSettings


def test_the_usual_variable_names_the_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    """KAFKA_BOOTSTRAP_SERVERS wins, LOANSTREAM_KAFKA_* sets the rest."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2")
    monkeypatch.setenv("LOANSTREAM_KAFKA_MAX_BATCH", "7")
    settings = StreamingSettings()
    assert (settings.bootstrap_servers, settings.max_batch) == ("a:1,b:2", 7)


def test_waits_longer_than_the_transaction_are_refused() -> None:
    """A bound past the broker's own would let a transaction end underneath us."""
    with pytest.raises(ValidationError, match="transaction_timeout_s"):
        StreamingSettings(commit_timeout_s=20.0)
    with pytest.raises(ValidationError, match="session_timeout_s"):
        StreamingSettings(heartbeat_s=5.0)


def test_a_quarter_of_a_full_batch_tells_that_more_wait() -> None:
    """The bound follows the batch's size, and is never nothing."""
    assert [StreamingSettings(max_batch=n).telling_batch for n in (1, 3, 16, 500)] == [1, 1, 4, 125]
