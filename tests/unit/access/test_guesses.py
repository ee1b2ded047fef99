"""Who guesses passwords waits."""

from __future__ import annotations

import pytest

from access.guesses import FREE_TRIES, LONGEST_WAIT_S, GuessBrake, TooManyTries


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def test_after_a_few_tries_each_waits_longer() -> None:
    """Five are free; a try that comes too early is refused with the seconds left, and does not count."""
    clock = Clock()
    brake = GuessBrake(clock)
    for _ in range(FREE_TRIES):
        brake.attempt("anna")
    waits = []
    for _ in range(9):
        with pytest.raises(TooManyTries) as refused:
            brake.attempt("anna")
        waits.append(refused.value.retry_after_s)
        clock.now += refused.value.retry_after_s
        brake.attempt("anna")
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_one_name_holds_up_no_other() -> None:
    """The brake is each name's own, and its owner's success lets it go."""
    brake = GuessBrake(Clock())
    for _ in range(FREE_TRIES):
        brake.attempt("anna")
    brake.attempt("bo")
    with pytest.raises(TooManyTries):
        brake.attempt("anna")
    brake.succeeded("anna")
    brake.attempt("anna")


def test_tries_are_forgotten_after_an_hour() -> None:
    """Whoever mistyped yesterday does not wait today."""
    clock = Clock()
    brake = GuessBrake(clock)
    for _ in range(FREE_TRIES):
        brake.attempt("anna")
    clock.now += 3601
    for _ in range(FREE_TRIES):
        brake.attempt("anna")
