"""The file of local users."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from access.users import FIRST_USER, UserFile, UserRefused, user_records
from credit.errors import SettingsError

ADVISER = frozenset({"adviser"})


def test_the_file_holds_no_password_and_is_its_owners(tmp_path: Path) -> None:
    """The first password is shown once; what is kept is its hash, in a file that nobody else reads."""
    password = UserFile(tmp_path).add("anna", ADVISER, "Anna Lind")
    path = tmp_path / "users.json"
    assert password not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (user,) = UserFile(tmp_path).listed()
    assert (user.name, user.full_name, user.roles, user.must_change) == ("anna", "Anna Lind", ADVISER, True)


@pytest.mark.parametrize("name", ["", "Anna", "-anna", "an na", "a" * 64, "user:anna"])
def test_names_that_logs_could_mix_up_are_refused(tmp_path: Path, name: str) -> None:
    """A name is short, small and of one word."""
    with pytest.raises(UserRefused, match="name"):
        UserFile(tmp_path).add(name, ADVISER)


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"owner"}), frozenset({"adviser", "owner"})])
def test_roles_are_those_of_the_table(tmp_path: Path, roles: frozenset[str]) -> None:
    """A role that gives nothing is a slip of the pen."""
    with pytest.raises(UserRefused, match=r"not (none|owner)$"):
        UserFile(tmp_path).add("anna", roles)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    """Neither a present user's nor a removed one's name can be another's."""
    users = UserFile(tmp_path)
    users.add("anna", ADVISER)
    with pytest.raises(UserRefused, match="there is or was"):
        users.add("anna", ADVISER)
    users.remove("anna")
    with pytest.raises(UserRefused, match="there is or was"):
        users.add("anna", ADVISER)
    with pytest.raises(UserRefused, match="no user"):
        users.new_first_password("anna")
    assert [user.removed_at is None for user in users.listed()] == [False]


def test_the_first_user_is_made_once(tmp_path: Path) -> None:
    """A second start shows no password, also where the first user was removed since."""
    users = UserFile(tmp_path)
    assert users.first()
    assert users.first() is None
    assert [(user.name, user.roles) for user in users.listed()] == [(FIRST_USER, {"admin"})]
    users.remove(FIRST_USER)
    assert users.first() is None


def test_a_malformed_file_is_said_in_one_line(tmp_path: Path) -> None:
    """The error names the file and the place."""
    (tmp_path / "users.json").write_text('{"users": [{"name": "anna"}]}')
    with pytest.raises(SettingsError, match=r"file of users .* malformed at users\.0\.roles"):
        user_records(tmp_path).read()
