"""`loanstream users`: what an operator sees of the people who sign in with a password."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from access.sessions import Sessions, SignInRefused
from loanstream.cli import app
from loanstream.stack.home import Home


def run(home: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--home", str(home), "users", *arguments])
    return done.exit_code, done.stdout + done.stderr


def test_a_user_from_making_to_removal(tmp_path: Path) -> None:
    """Made with a password that opens its change, listed without it, given another, removed: each holds at once."""
    code, shown = run(tmp_path, "add", "anna", "--role", "adviser", "--full-name", "Anna Lind")
    assert code == 0
    password = shown.strip()
    sessions = Sessions(Home.at(tmp_path).users, 60.0)
    assert sessions.open("anna", password).must_change
    _, listed = run(tmp_path, "list")
    assert "Anna Lind" in listed
    assert "first password" in listed
    assert password not in listed
    sessions.change_password("anna", password, "a long new secret")
    assert "valid" in run(tmp_path, "list")[1]
    _, shown = run(tmp_path, "password", "anna")
    assert sessions.open("anna", shown.strip()).must_change
    assert run(tmp_path, "remove", "anna")[0] == 0
    with pytest.raises(SignInRefused):
        sessions.open("anna", shown.strip())
    assert "removed" in run(tmp_path, "list")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "anna", "--role", "owner"), "a role is one of"),
        (("add", "Anna Lind", "--role", "adviser"), "no user's name"),
        (("password", "nobody"), "no user 'nobody'"),
        (("remove", "nobody"), "no user 'nobody'"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """An error is one line that says what to do, and nothing is made."""
    code, shown = run(tmp_path, *arguments)
    assert code == 1
    assert shown.startswith("error: ")
    assert said in shown
    assert shown.count("\n") == 1
