"""What the topics are called, for every room."""

from __future__ import annotations

import pytest

from credit.wire.topics import Topics
from monitoring.settings import MonitorSettings
from serve_app.settings import ServingSettings
from streaming.kafka.topics import standard_topics
from streaming.settings import StreamingSettings

ROOMS = (ServingSettings, StreamingSettings, MonitorSettings)


@pytest.mark.parametrize("field", sorted(Topics.model_fields))
def test_one_variable_names_a_topic_for_every_room(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    """The doors, the gateway and the monitor read and write the same topic, whatever the operator calls it."""
    monkeypatch.setenv(f"LOANSTREAM_KAFKA_{field.upper()}", "bank.own-name")
    assert [getattr(room(), field) for room in ROOMS] == ["bank.own-name"] * 3
    others = [getattr(Topics(), name) for name in Topics.model_fields if name != field]
    assert "bank.own-name" not in others
    assert all(name.startswith("loan-") for name in others)


@pytest.mark.parametrize(
    ("older", "field"),
    [
        ("LOANSTREAM_SHADOW_TOPIC", "shadow_topic"),
        ("LOANSTREAM_MONITOR_SHADOW_TOPIC", "shadow_topic"),
        ("LOANSTREAM_MONITOR_AUDIT_TOPIC", "audit_topic"),
        ("LOANSTREAM_MONITOR_APPLICATIONS_TOPIC", "applications_topic"),
        ("LOANSTREAM_MONITOR_OUTCOMES_TOPIC", "outcomes_topic"),
    ],
)
def test_older_spellings_go_on_working(monkeypatch: pytest.MonkeyPatch, older: str, field: str) -> None:
    """A variable of an earlier version still counts, for every room; today's spelling goes before it."""
    monkeypatch.setenv(older, "old")
    assert [getattr(room(), field) for room in ROOMS] == ["old"] * 3
    monkeypatch.setenv(f"LOANSTREAM_KAFKA_{field.upper()}", "new")
    assert [getattr(room(), field) for room in ROOMS] == ["new"] * 3


def test_topics_are_made_by_those_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is created is what is written and read."""
    monkeypatch.setenv("LOANSTREAM_KAFKA_AUDIT_TOPIC", "bank.audit")
    assert "bank.audit" in [spec.name for spec in standard_topics(Topics())]
    assert [spec.name for spec in standard_topics(Topics())] == [
        spec.name for spec in standard_topics(ServingSettings())
    ]
