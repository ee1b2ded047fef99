"""The home folder: its key, its lock, its paths."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from credit.errors import SettingsError, StackError
from loanstream.stack.home import Home


def test_the_api_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """The first call makes a long key with mode 0600, later calls return the same."""
    home = Home.at(tmp_path / "home")
    key = home.api_key()
    assert len(key) >= 32
    assert stat.S_IMODE(home.api_key_file.stat().st_mode) == 0o600
    assert home.api_key() == key
    assert home.ray_token() not in ("", key)
    assert stat.S_IMODE(home.ray_token_file.stat().st_mode) == 0o600


def test_two_homes_share_nothing(tmp_path: Path) -> None:
    """Homes differ in key, in short folder and in MLflow's store."""
    one, two = Home.at(tmp_path / "one"), Home.at(tmp_path / "two")
    assert one.key != two.key
    assert one.short_dir != two.short_dir
    assert one.mlflow_uri != two.mlflow_uri


def test_sockets_fit_into_the_short_folder(tmp_path: Path) -> None:
    """However deep a home lies, Ray's longest socket path stays below the kernel's limit of 107 bytes."""
    home = Home.at(tmp_path / ("deep/" * 40))
    socket = home.short_dir / "ray" / "session_2026-11-21_10-04-43_389544_4194304" / "sockets" / "plasma_store"
    assert len(os.fsencode(socket)) <= 107


def test_a_relative_home_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home given relative to here is the same one from anywhere."""
    monkeypatch.chdir(tmp_path)
    assert Home.at(Path("x")).root == tmp_path / "x"


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A home below a file is an error that names --home."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="--home"):
        Home.at(tmp_path / "file" / "home").prepare()


def test_only_one_command_holds_the_lock(tmp_path: Path) -> None:
    """While one command starts a home another is refused, and later let in."""
    home = Home.at(tmp_path)
    with home.locked(), pytest.raises(StackError, match="another command"), home.locked():
        pass
    with home.locked():
        pass


def test_whoever_asks_for_the_key_meanwhile_gets_the_same_one(tmp_path: Path) -> None:
    """Steps of a start ask side by side for a key that nobody has made yet: each gets it whole."""
    with ThreadPoolExecutor(8) as threads:
        for turn in range(200):
            home = Home.at(tmp_path / str(turn))
            together = threading.Barrier(8)

            def asked(home: Home = home, together: threading.Barrier = together) -> str:
                together.wait()
                return home.api_key()

            keys = {future.result() for future in [threads.submit(asked) for _ in range(8)]}
            assert len(keys) == 1
            assert len(keys.pop()) == 64
