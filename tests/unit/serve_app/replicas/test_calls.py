"""What a handle raises, as one of our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException

from credit.errors import DependencyUnavailable, LoanstreamError, NotReady, Overloaded, PermanentError
from serve_app.replicas.calls import call_step


async def answers(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


async def never() -> None:
    await asyncio.Event().wait()


def asked(response: Awaitable[Any]) -> Any:
    async def ask() -> Any:
        return await call_step("score", response, 0.05)

    return asyncio.run(ask())


def test_an_answer_comes_through() -> None:
    """As it is."""
    assert asked(answers(5)) == 5


@pytest.mark.parametrize(
    ("raised", "ours", "says"),
    [
        (NotReady("no model"), NotReady, "no model"),
        (BackPressureError(num_queued_requests=9, max_queued_requests=8), Overloaded, "score has more work"),
        (RayTaskError("score", "Traceback\n  x\nValueError: so", ValueError("so")), PermanentError, "ValueError: so"),
        (RayActorError(), DependencyUnavailable, "score failed"),
        (RayServeException("gone"), DependencyUnavailable, "gone"),
    ],
)
def test_whether_trying_again_helps_is_told_apart(raised: Exception, ours: type[LoanstreamError], says: str) -> None:
    """A replica that is gone comes back; code that raised raises again."""
    with pytest.raises(ours, match=says):
        asked(answers(raised))


def test_a_step_that_does_not_answer_is_away() -> None:
    """The wait is bounded."""
    with pytest.raises(DependencyUnavailable, match="did not answer"):
        asked(never())
