"""What the broker's server is told."""

from __future__ import annotations

from pathlib import Path

from streaming.broker.server_settings import SecureListener, server_properties


def addresses(value: str) -> set[str]:
    return {address.rpartition("://")[2].partition(":")[0] for address in value.split(",")}


def test_it_listens_on_the_loopback_alone() -> None:
    """Every listener, advertised or not, and the controller's vote."""
    secure = SecureListener(30003, Path("/keys/broker.pem"), {"gateway": "secret"})
    for lines in (server_properties(30001, 30002, Path("/d")), server_properties(30001, 30002, Path("/d"), secure)):
        assert addresses(lines["listeners"]) == addresses(lines["advertised.listeners"]) == {"127.0.0.1"}
        assert lines["controller.quorum.voters"] == "1@127.0.0.1:30002"
    assert "SASL_SSL://127.0.0.1:30003" in lines["listeners"].split(",")


def test_one_broker_is_enough_for_all_that_is_internal() -> None:
    """A replication factor above one would never be met, and no transaction would start."""
    lines = server_properties(1, 2, Path("/d"))
    factors = {value for name, value in lines.items() if name.endswith(("replication.factor", "min.isr"))}
    assert factors == {"1"}


def test_users_of_the_secure_listener_need_rights_and_their_passwords_are_not_written_down() -> None:
    """Only the loopback's anonymous client is a super user; passwords go into the data folder's format alone."""
    lines = server_properties(1, 2, Path("/d"), SecureListener(3, Path("/keys/b.pem"), {"gateway": "secret"}))
    assert lines["super.users"] == "User:ANONYMOUS"
    assert lines["authorizer.class.name"].endswith("StandardAuthorizer")
    assert lines["ssl.keystore.location"] == "/keys/b.pem"
    assert "secret" not in "".join(lines.values())
    assert "authorizer.class.name" not in server_properties(1, 2, Path("/d"))
