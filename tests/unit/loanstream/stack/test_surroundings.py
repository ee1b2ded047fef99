"""Where each part is found: in the home, or where the environment says."""

from __future__ import annotations

import pytest

from access.sessions import Sessions
from credit.errors import SettingsError
from loanstream.stack.desk import first_sign_in
from loanstream.stack.home import Home
from loanstream.stack.ports import Ports
from loanstream.stack.stack import Stack
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


def test_the_desk_is_given_the_apis_address_and_no_key(home: Home) -> None:
    """People sign in at the desk; whoever reads its environment finds no key that decides."""
    place = Place.of(home, Ports())
    given = place.desk_environment()
    assert given["LOANSTREAM_DESK_API_URL"] == place.http
    assert not {home.api_key(), *place.secrets().values()} & set(given.values())
    assert place.addresses()["desk"].startswith(place.desk)


def test_a_stack_can_do_without_a_desk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing of it is started, waited for or shown."""
    assert "desk" in Stack(home).wanted_processes(Place.of(home, Ports()))
    monkeypatch.setenv("LOANSTREAM_DESK", "false")
    place = Place.of(home, Ports())
    assert "desk" not in Stack(home).wanted_processes(place)
    assert "desk" not in place.addresses()
    assert first_sign_in(place) is None


def test_the_first_sign_in_is_shown_once(home: Home) -> None:
    """A second start of the home shows no password."""
    place = Place.of(home, Ports())
    shown = first_sign_in(place)
    assert shown is not None
    password = shown.split("password ")[1].split()[0]
    assert Sessions(place.users_folder, 60.0).open("admin", password).must_change
    assert first_sign_in(place) is None
