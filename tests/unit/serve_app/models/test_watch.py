"""A shelf that follows its alias."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from credit.errors import DependencyUnavailable
from serve_app.models.shelf import ModelShelf
from serve_app.models.watch import ModelWatch


class Source:
    """A registry whose alias moves, or that is away."""

    def __init__(self, version: str | None) -> None:
        self.version = version

    def current(self) -> str:
        if self.version is None:
            raise DependencyUnavailable("away")
        return self.version

    def folder(self, version: str) -> Path:
        return Path(version)


class Counts:
    """What was counted."""

    def __init__(self) -> None:
        self.versions: list[str] = []
        self.failures = 0

    def taken_up(self, version: str) -> None:
        self.versions.append(version)

    def look_failed(self) -> None:
        self.failures += 1


def load(folder: Path, version: str) -> Any:
    return SimpleNamespace(ref=SimpleNamespace(version=version), warm=lambda: None)


async def until(holds: Any) -> None:
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never came to hold")


def test_a_promotion_is_taken_up_and_an_outage_changes_nothing() -> None:
    """The version that decides follows the alias; while the registry is away it goes on, and that is counted."""

    async def play() -> None:
        source, counts = Source("1"), Counts()
        watch = ModelWatch(ModelShelf(source, load), 0.005, counts)
        assert watch.ready()
        assert counts.versions == ["1"]
        source.version = "2"
        await until(lambda: counts.versions == ["1", "2"])
        source.version = None
        await until(lambda: counts.failures > 1)
        assert watch.shelf.current.ref.version == "2"
        source.version = "3"
        await until(lambda: counts.versions == ["1", "2", "3"])

    asyncio.run(play())


def test_a_start_without_a_registry_becomes_ready_later() -> None:
    """A replica that starts during an outage takes the model up when there is one."""

    async def play() -> None:
        source, counts = Source(None), Counts()
        watch = ModelWatch(ModelShelf(source, load), 0.005, counts)
        assert not watch.ready()
        source.version = "1"
        await until(watch.ready)

    asyncio.run(play())
