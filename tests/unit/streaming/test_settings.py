"""Settings and what they become."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from streaming.kafka.security import KafkaSecurity
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


def test_sasl_needs_a_user_and_a_password_and_hides_it() -> None:
    """SASL without credentials names the variables; with them the password shows only to the client."""
    with pytest.raises(ValidationError, match="LOANSTREAM_KAFKA_SASL_USERNAME"):
        KafkaSecurity(security_protocol="SASL_SSL")
    security = KafkaSecurity.model_validate(
        {
            "security_protocol": "SASL_SSL",
            "sasl_username": "gateway",
            "sasl_password": "s3cret",
            "ssl_ca_file": "ca.pem",
        }
    )
    options = security.client_options()
    assert options["sasl_plain_password"] == "s3cret"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert "s3cret" not in repr(security)
