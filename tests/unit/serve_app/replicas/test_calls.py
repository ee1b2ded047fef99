"""What a handle raises, as one of our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import BackPressureError, RayServeException

from credit.errors import DependencyUnavailable, LoanstreamError, NotReady, Overloaded, PermanentError
from serve_app.replicas.calls import PatientCaller, call_step


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


class Replicas:
    """Replicas that answer in turn, each as it was told: with a value, an error, or never."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), 0

    def ask(self) -> Awaitable[Any]:
        answer = self.answers[self.asked]
        self.asked += 1
        return never() if answer is None else answers(answer)


def called(replicas: Replicas, timeout_s: float = 5.0) -> tuple[Any, list[str]]:
    told: list[str] = []

    async def call() -> Any:
        return await PatientCaller(timeout_s, 0.01, told.append).call("score", replicas.ask)

    return asyncio.run(call()), told


def test_one_that_answers_is_asked_alone() -> None:
    """Nobody is asked twice in good times."""
    replicas = Replicas(5, 6)
    assert called(replicas) == (5, [])
    assert replicas.asked == 1


def test_where_one_is_silent_another_answers() -> None:
    """Its answer counts, and it is told that it was needed."""
    assert called(Replicas(None, 6)) == (6, ["score"])


def test_one_that_fails_at_once_is_not_asked_again() -> None:
    """Trying again is for those who call: they know what can be tried."""
    replicas = Replicas(RayActorError(), 6)
    with pytest.raises(DependencyUnavailable):
        called(replicas)
    assert replicas.asked == 1


def test_two_that_are_silent_are_away() -> None:
    """The wait stays bounded."""
    with pytest.raises(DependencyUnavailable, match="did not answer"):
        called(Replicas(None, None), 0.1)


def test_the_other_may_fail_where_the_first_answers_late() -> None:
    """What failed is passed over as long as somebody may still answer."""

    async def play() -> Any:
        first: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        asked: list[Awaitable[Any]] = [first, answers(RayActorError())]
        calling = asyncio.ensure_future(PatientCaller(5.0, 0.01, lambda _: None).call("score", lambda: asked.pop(0)))
        while asked:
            await asyncio.sleep(0)
        first.set_result(7)
        return await calling

    assert asyncio.run(play()) == 7


def test_few_are_asked_again_at_a_time() -> None:
    """A deployment that is slow as a whole is not asked for all of its work twice."""
    replicas = Replicas(*[None] * 40)
    told: list[str] = []

    async def play() -> None:
        caller = PatientCaller(0.2, 0.01, told.append)
        calls = (caller.call("score", replicas.ask) for _ in range(20))
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(outcome, DependencyUnavailable)

    asyncio.run(play())
    assert len(told) == 4
    assert replicas.asked == 24
