"""The broker's jars: what cannot be had, and what is not what was pinned."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit.errors import SettingsError
from streaming.broker import jars


def test_jars_that_cannot_be_had_name_the_variable_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the jars and without a way to fetch them the error says what to set instead."""
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\nnowhere = http://127.0.0.1:9\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    with pytest.raises(SettingsError, match="KAFKA_BOOTSTRAP_SERVERS"):
        jars.class_path(tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.jar"))


def test_a_damaged_jar_in_the_cache_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not have the pinned digest is fetched again, and refused where it cannot be."""
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\nnowhere = http://127.0.0.1:9\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    damaged = tmp_path / "cache" / "org" / "apache" / "kafka" / "kafka_2.13" / "4.1.0" / "kafka_2.13-4.1.0.jar"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"not a jar")
    with pytest.raises(SettingsError):
        jars.class_path(tmp_path / "cache")
    assert not damaged.exists()


def test_the_lock_pins_every_root() -> None:
    """Both roots in their version, each with a digest; another version is not locked."""
    text = jars.LOCK_FILE.read_text()
    assert jars.locks_all_roots(text)
    assert not jars.locks_all_roots(text.replace(jars.KAFKA_VERSION, "0.0.1"))
