"""Steps that are timed."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from credit.errors import DependencyUnavailable
from serve_app.steps.observed import ObservedSteps


class Steps:
    """Answers the name of what was asked; `away` fails."""

    def __init__(self) -> None:
        self.away = False

    async def _answer(self, *_: Any) -> Any:
        if self.away:
            raise DependencyUnavailable("away")
        return "answer"

    history = on_file = score = explain = _answer


class Observer:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.failed: list[str] = []

    def step(self, name: str, seconds: float) -> None:
        assert seconds >= 0
        self.steps.append(name)

    def step_failed(self, name: str) -> None:
        self.failed.append(name)


def test_every_step_is_timed_or_counted_as_failed() -> None:
    """The names are those of the metrics' label; errors pass through."""
    observer, inner = Observer(), Steps()
    steps = ObservedSteps(inner, observer)
    nothing: Any = np.zeros(0)

    async def walk() -> None:
        assert await steps.history(nothing) == "answer"
        assert await steps.on_file(nothing) == "answer"
        assert await steps.score(nothing, nothing) == "answer"
        assert await steps.explain("1", nothing, nothing, nothing) == "answer"

    asyncio.run(walk())
    assert observer.steps == ["lookup", "lookup", "score", "explain"]
    inner.away = True
    with pytest.raises(DependencyUnavailable):
        asyncio.run(walk())
    assert observer.failed == ["lookup"]
    assert len(observer.steps) == 4
