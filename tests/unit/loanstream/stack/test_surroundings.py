"""Where each part is found: in the home, or where the environment says."""

from __future__ import annotations

import pytest

from credit.errors import SettingsError
from loanstream.stack.home import Home
from loanstream.stack.ports import Ports
from loanstream.stack.surroundings import Place


def test_servers_that_are_named_take_the_place_of_the_homes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable replaces one part; what is not named stays in the home."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)  # mlflow itself sets it where a test asks a registry
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka-1:9092,kafka-2:9092")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    place = Place.of(home, Ports())
    assert place.bootstrap == "kafka-1:9092,kafka-2:9092"
    assert place.redis_url == "redis://cache:6379/0"
    assert place.tracking_uri == home.mlflow_uri
    assert place.environment()["KAFKA_BOOTSTRAP_SERVERS"] == place.bootstrap


def test_a_wrong_variable_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that cannot be is one line that names the variable."""
    monkeypatch.setenv("LOANSTREAM_PARTITIONS", "none")
    with pytest.raises(SettingsError, match="LOANSTREAM_PARTITIONS"):
        Place.of(home, Ports())


def test_secrets_are_no_part_of_the_common_environment(home: Home) -> None:
    """The key of the API reaches the graph alone."""
    place = Place.of(home, Ports())
    assert home.api_key() in place.secrets().values()
    assert home.api_key() not in place.environment().values()
