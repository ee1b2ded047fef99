"""Every fault has words of its own."""

from __future__ import annotations

from desk.client.errors import FAULT_OF_STATUS
from desk.parts.errors import _WORDS


def test_every_fault_says_what_to_do() -> None:
    """Each kind of fault that a status can become says what happened and what to do, and no two say the same."""
    kinds = set(FAULT_OF_STATUS.values())
    assert kinds <= set(_WORDS)
    assert len({what for what, _todo in _WORDS.values()}) == len(_WORDS)
    assert all(todo for _what, todo in _WORDS.values())
