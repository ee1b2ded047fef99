"""`loanstream keys`: what a person sees of the keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from access.keyring import Keyring
from loanstream.cli import app


def run(home: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--home", str(home), "keys", *arguments])
    return done.exit_code, done.stdout + done.stderr


def test_a_key_from_its_making_to_its_end(tmp_path: Path) -> None:
    """Made, listed without its secret, rotated with both valid, revoked: each step holds for the doors at once."""
    code, shown = run(tmp_path, "add", "desk", "--scope", "read", "--scope", "decide", "--expires", "90d")
    assert code == 0
    secret = shown.strip()
    ring = Keyring(tmp_path / "api-keys.json")
    caller = ring.caller(secret)
    assert caller is not None
    assert caller.scopes == {"read", "decide"}
    _, listed = run(tmp_path, "list")
    assert "desk" in listed
    assert "decide, read" in listed
    assert secret not in listed
    _, shown = run(tmp_path, "rotate", "desk", "--old-valid-for", "1h")
    assert ring.caller(secret) == ring.caller(shown.strip()) is not None
    assert run(tmp_path, "revoke", "desk")[0] == 0
    assert ring.caller(shown.strip()) is None
    assert "revoked" in run(tmp_path, "list")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "desk", "--scope", "write"], "a scope is one of decide, read"),
        (["add", "Desk", "--scope", "read"], "no key's name"),
        (["add", "desk", "--scope", "read", "--expires", "soon"], "no span of time"),
        (["rotate", "nobody"], "no key 'nobody'"),
        (["revoke", "nobody"], "no key 'nobody'"),
    ],
)
def test_a_slip_is_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    """What cannot be done is said in one line, and nothing is made."""
    code, shown = run(tmp_path, *arguments)
    assert code == 1
    assert said in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "api-keys.json").exists()
