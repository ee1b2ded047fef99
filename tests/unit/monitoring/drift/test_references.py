"""References that are at hand, come late, or never come."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from credit.errors import ModelNotFound
from monitoring.drift.references import RegistryReferences
from tests.fixtures import audited
from tests.fixtures.monitor_process import write_model


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"


def fetch_whole(version: str, folder: Path) -> None:
    """Write a model's folder as the registry's fetch does: whole or not at all."""
    part = folder.with_name(folder.name + ".part")
    write_model(part)
    part.rename(folder)


def test_a_reference_is_fetched_once_and_kept_on_disk(tmp_path: Path) -> None:
    """It is None while on its way, then at hand; the next process finds it on disk and fetches nothing."""
    fetched: list[str] = []

    def fetch(version: str, folder: Path) -> None:
        fetched.append(version)
        fetch_whole(version, folder)

    references = RegistryReferences(tmp_path, fetch, wait_s=60.0)
    assert references.get("1", None) is None
    assert references.waiting() == ["1"]
    until(lambda: references.get("1", None) is not None)
    assert references.waiting() == []
    assert list(references.held()) == ["1"]
    again = RegistryReferences(tmp_path, fetch, wait_s=60.0)
    assert again.get("1", None) is not None
    assert fetched == ["1"]


def test_after_the_time_allowed_it_is_done_without(tmp_path: Path) -> None:
    """While the registry fails a version is waited for and the problem known; then it gets a bare reference."""
    now = [0.0]

    def fetch(version: str, folder: Path) -> None:
        raise ModelNotFound("registry away")

    references = RegistryReferences(tmp_path, fetch, wait_s=60.0, clock=lambda: now[0])
    assert references.get("1", audited.NAMES) is None
    until(lambda: references.problem == "registry away")
    now[0] = 61.0
    assert references.get("1", None) is None
    bare = references.get("1", audited.NAMES)
    assert bare is not None
    assert bare.bare


def test_a_folder_that_cannot_be_read_is_fetched_again(tmp_path: Path) -> None:
    """A torn folder is dropped, not kept for ever."""
    (tmp_path / "version-1").mkdir()
    references = RegistryReferences(tmp_path, fetch_whole, wait_s=60.0)
    until(lambda: references.get("1", None) is not None)
    assert references.problem != ""
