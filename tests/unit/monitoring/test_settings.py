"""What the monitor reads from its environment."""

from __future__ import annotations

import pytest

from credit.errors import SettingsError
from monitoring.settings import MonitorSettings
from streaming.kafka.security import KafkaSecurity


def test_kafka_options_reach_the_consumers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Further options come as JSON; what is none is refused by the variable's name, its content unsaid."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "a:1,b:2")
    monkeypatch.setenv("LOANSTREAM_MONITOR_KAFKA_OPTIONS", '{"security_protocol": "SSL"}')
    consumers = MonitorSettings().consumers()
    assert (consumers.bootstrap_servers, consumers.further) == ("a:1,b:2", {"security_protocol": "SSL"})
    monkeypatch.setenv("LOANSTREAM_MONITOR_KAFKA_OPTIONS", "hunter2")
    with pytest.raises(SettingsError, match="LOANSTREAM_MONITOR_KAFKA_OPTIONS") as refused:
        MonitorSettings().consumers()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL", "SASL_SSL"])
def test_the_gateways_security_is_the_monitors_too(monkeypatch: pytest.MonkeyPatch, protocol: str) -> None:
    """One environment serves both: the same variables give the monitor's clients what they give the gateways'."""
    for name, value in {
        "SECURITY_PROTOCOL": protocol,
        "SASL_USERNAME": "monitor",
        "SASL_PASSWORD": "a secret",
        "SSL_CA_FILE": "ca.pem",
        "SSL_CERT_FILE": "cert.pem",
        "SSL_KEY_FILE": "key.pem",
        "SSL_CHECK_HOSTNAME": "false",
    }.items():
        monkeypatch.setenv(f"LOANSTREAM_KAFKA_{name}", value)
    assert MonitorSettings().consumers().security == KafkaSecurity()
    assert MonitorSettings().consumers().security.security_protocol == protocol


def test_incomplete_security_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SASL listener without a user names the variables that are missing."""
    monkeypatch.setenv("LOANSTREAM_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(SettingsError, match="LOANSTREAM_KAFKA_SASL_USERNAME"):
        MonitorSettings().consumers()
