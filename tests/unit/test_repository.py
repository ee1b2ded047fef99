"""What may never stand in a tracked file: an address of a package registry, or a path of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written in parts, so that this file does not find itself.
FORBIDDEN = {
    "an address of a package registry": re.compile(
        r"https?://[^\s\"']*(?:" + "|".join(["pypi", "pythonhosted", r"maven", r"repo1", "npmjs", "artifactory"]) + ")",
        re.IGNORECASE,
    ),
    "an option that names a registry": re.compile("--(?:" + "extra-)?index" + "-url[ =]"),
    "a path of one machine": re.compile("(?<![A-Za-z0-9_.-])/" + "(?:home/[a-z]+|Users|work/main|root)/"),
    "a private key": re.compile("-----BEGIN " + "(?:RSA |EC |OPENSSH )?PRIVATE KEY"),
}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: which files are tracked cannot be told")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    """No tracked text file holds what would tie the project to one machine or one registry."""
    found = []
    for path in tracked_files():
        try:
            text = path.read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in FORBIDDEN[what].finditer(text)]
    assert not found


def test_the_lock_pins_every_package_by_hash() -> None:
    """Each package of the lock is pinned and has at least one hash."""
    text = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(entries) > 100
    assert [
        entry.split()[0] for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry
    ] == []
