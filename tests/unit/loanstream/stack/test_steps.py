"""Steps of a start: order, side by side, and the first failure."""

from __future__ import annotations

import threading

import pytest

from credit.errors import StackError
from loanstream.stack.steps import Progress, Result, State, Step, run_steps


def test_a_step_runs_after_what_it_needs() -> None:
    """Each step begins when all it needs is done."""
    order: list[str] = []

    def action(name: str) -> Step:
        return Step(name, name, lambda _: order.append(name) or Result(name), needs=needs[name])  # type: ignore[func-returns-value]

    needs: dict[str, tuple[str, ...]] = {"c": ("b",), "b": ("a",), "a": ()}
    steps = [action(name) for name in needs]
    run_steps(steps)
    assert order == ["a", "b", "c"]
    assert [step.detail for step in steps] == ["c", "b", "a"]
    assert all(step.state is State.DONE for step in steps)


def test_independent_steps_run_side_by_side() -> None:
    """Two steps that do not need each other are under way at the same time."""
    both = threading.Barrier(2, timeout=10)

    def meet(_: Progress) -> Result:
        both.wait()
        return Result()

    run_steps([Step("a", "a", meet), Step("b", "b", meet)])


def test_a_failure_is_raised_and_nothing_more_starts() -> None:
    """The first error of a step is raised as it is; steps that need it never start."""

    def fail(_: Progress) -> Result:
        raise StackError("no")

    first, second = Step("a", "a", fail), Step("b", "b", lambda _: Result(), needs=("a",))
    with pytest.raises(StackError, match="no"):
        run_steps([first, second])
    assert (first.state, second.state) == (State.FAILED, State.WAITING)


def test_a_reused_step_says_so() -> None:
    """A step that had nothing to do is marked, and those that need it run."""
    first, second = Step("a", "a", lambda _: Result("kept", reused=True)), Step("b", "b", lambda _: Result(), ("a",))
    run_steps([first, second])
    assert (first.state, second.state) == (State.REUSED, State.DONE)


def test_a_need_that_no_step_meets_is_refused() -> None:
    """A misspelt need is an error before anything runs, and so is a circle."""
    with pytest.raises(ValueError, match="needs"):
        run_steps([Step("a", "a", lambda _: Result(), ("z",))])
    with pytest.raises(ValueError, match="circle"):
        run_steps([Step("a", "a", lambda _: Result(), ("b",)), Step("b", "b", lambda _: Result(), ("a",))])
