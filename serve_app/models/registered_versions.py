"""All registered versions of the model, as the registry knows them: for a person who looks, never for a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """One version: its aliases, when it was registered (ms since the epoch), its run's figures, and its tags."""

    version: str
    created_ms: int
    aliases: tuple[str, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class VersionList(Protocol):
    """Who knows all versions."""

    def registered(self) -> list[RegisteredVersion]:
        """Return all versions, newest first, none where nothing is registered; raises DependencyUnavailable."""


def newest_first(versions: list[RegisteredVersion]) -> list[RegisteredVersion]:
    """Return versions by their number, highest first."""
    return sorted(versions, key=lambda one: -int(one.version))
