"""A secret's file: whole, its owner's alone, and the first one's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from access.secret_file import write_once


def test_the_first_secret_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """Of many that write at once one is there, whole, with mode 0600; a later one changes nothing."""
    path = tmp_path / "keys" / "secret"
    written = [b"%064d" % turn for turn in range(32)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda content: write_once(path, content), written))
    found = path.read_bytes()
    assert found in written
    write_once(path, b"later")
    assert path.read_bytes() == found
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]
