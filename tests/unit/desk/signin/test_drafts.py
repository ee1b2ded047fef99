"""What people have typed outlives a new sign-in."""

from __future__ import annotations

from desk.signin.drafts import KeptDrafts


class Clock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


def test_drafts_are_the_persons_own() -> None:
    """A second session of the same person finds them, nobody else's does, and signing out forgets them."""
    kept = KeptDrafts(Clock())
    kept.of("user:anna")["comment"] = "half a sent"
    assert kept.of("user:anna") == {"comment": "half a sent"}
    assert kept.of("user:bo") == {}
    kept.forget("user:anna")
    assert kept.of("user:anna") == {}


def test_drafts_are_not_kept_for_ever() -> None:
    """Twelve hours after the last sign-in they are gone; a sign-in in between begins the time anew."""
    clock = Clock()
    kept = KeptDrafts(clock)
    kept.of("user:anna")["comment"] = "x"
    clock.now += 11 * 3600
    assert kept.of("user:anna")
    clock.now += 11 * 3600
    assert kept.of("user:anna")
    clock.now += 13 * 3600
    assert kept.of("user:anna") == {}


def test_the_memory_has_a_bound() -> None:
    """Of many persons those who signed in last are kept."""
    kept = KeptDrafts(Clock())
    for number in range(501):
        kept.of(f"user:{number}")["comment"] = "x"
    assert kept.of("user:500")
    assert kept.of("user:0") == {}
