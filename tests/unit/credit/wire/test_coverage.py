"""Ranges of answered offsets."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from credit.wire.coverage import Coverage, Offsets, Span, spans

ranges = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda r: (r[0], r[0] + r[1])), max_size=30)


@given(ranges)
def test_holes_and_overlaps_are_those_of_counting_each_offset(added: list[tuple[int, int]]) -> None:
    """Whatever order ranges come in, the result is what a count of every single offset gives."""
    coverage, counted = Coverage(), Counter[int]()
    for first, last in added:
        coverage.add(first, last)
        counted.update(range(first, last + 1))
    holes = {offset for span in coverage.holes(0, 80) for offset in range(span.first, span.last + 1)}
    assert holes == {offset for offset in range(80) if counted[offset] == 0}
    twice = {offset for span in coverage.overlaps for offset in range(span.first, span.last + 1)}
    assert twice == {offset for offset, count in counted.items() if count > 1}
    assert all((offset in coverage) == (counted[offset] > 0) for offset in range(80))


@given(ranges, st.integers(0, 70))
def test_what_is_forgotten_is_out_and_the_rest_stays(added: list[tuple[int, int]], before: int) -> None:
    """Forgetting leaves the offsets from there on, in the fewest ranges, counted rightly."""
    held, expected = Offsets(), set[int]()
    for first, last in added:
        held.add(first, last)
        expected.update(range(first, last + 1))
    held.forget_before(before)
    expected = {offset for offset in expected if offset >= before}
    assert held.spans() == spans(expected)
    assert held.count() == len(expected)
    assert Offsets(held.spans()).spans() == held.spans()


def test_offsets_become_the_fewest_ranges() -> None:
    """Neighbours join, repeats count once."""
    assert spans([5, 1, 2, 3, 5, 7]) == [Span(1, 3), Span(5, 5), Span(7, 7)]
    assert len(Span(1, 3)) == 3
