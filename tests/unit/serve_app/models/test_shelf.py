"""Which version decides, and which are held."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from credit.errors import ModelRefused, NotReady
from serve_app.models.shelf import KEPT_VERSIONS, ModelShelf


class Source:
    """A registry that names a version."""

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.fetched: list[str] = []

    def current(self) -> str:
        return self.version

    def folder(self, version: str) -> Path:
        self.fetched.append(version)
        return Path(version)


def load(folder: Path, version: str) -> Any:
    """Return a model without boosters; a folder called `broken` is refused."""
    if folder.name == "broken":
        raise ModelRefused("broken")
    return SimpleNamespace(ref=SimpleNamespace(version=version), warm=lambda: None)


def test_nothing_decides_before_the_first_load() -> None:
    """A shelf without a model says so in a way that lets the stream wait."""
    shelf = ModelShelf(Source(), load)
    assert not shelf.ready
    with pytest.raises(NotReady):
        _ = shelf.current


def test_a_promotion_is_taken_up_once() -> None:
    """Refresh reports a change only when the alias moved, and loads each version once."""
    source = Source("1")
    shelf = ModelShelf(source, load)
    assert shelf.refresh()
    assert not shelf.refresh()
    source.version = "2"
    assert shelf.refresh()
    assert shelf.current.ref.version == "2"
    assert source.fetched == ["1", "2"]


def test_the_version_before_stays_at_hand() -> None:
    """A micro-batch scored just before a promotion is explained by its own version, without another load."""
    source = Source("1")
    shelf = ModelShelf(source, load)
    for version in ("1", "2", "3"):
        source.version = version
        shelf.refresh()
    assert shelf.get("2").ref.version == "2"
    assert source.fetched == ["1", "2", "3"]
    shelf.get("1")
    assert source.fetched == ["1", "2", "3", "1"]
    assert KEPT_VERSIONS == 2


def test_a_version_that_cannot_be_served_leaves_the_one_before_deciding() -> None:
    """A broken promotion is an error to report, not an outage."""
    source = Source("1")
    shelf = ModelShelf(source, load)
    shelf.refresh()
    source.version = "broken"
    with pytest.raises(ModelRefused):
        shelf.refresh()
    assert shelf.current.ref.version == "1"
