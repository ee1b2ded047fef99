"""The word for where a page ended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InvalidRequest
from ledger.query.cursor import Cursor

WORDS = st.integers(min_value=0, max_value=2**63 - 1)


@given(WORDS, WORDS)
def test_a_cursor_comes_back(decided_ms: int, seq: int) -> None:
    """What is handed back is where one was."""
    assert Cursor.read(Cursor(decided_ms, seq).word) == (decided_ms, seq)


@pytest.mark.parametrize("word", ["", "x", "äöü", "A" * 21, "A" * 23, "????" * 6, Cursor(2**63, 0).word])
def test_what_is_no_cursor_is_an_invalid_request(word: str) -> None:
    """Nothing else escapes."""
    with pytest.raises(InvalidRequest):
        Cursor.read(word)
