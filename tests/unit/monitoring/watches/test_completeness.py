"""Completeness: what a set of every single offset says, whatever happens to the process that keeps the ranges."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.wire.coverage import Span
from monitoring.watches.completeness import Completeness
from monitoring.watches.offsets import AnsweredRecord, PartitionTally
from tests.fixtures.looks import end_look, look

TOPIC = "loan-applications"


END = 40


def record(offset: int, *ranges: tuple[int, int, int], topic: str = TOPIC) -> AnsweredRecord:
    """One balanced audit record that names these (partition, first, last)."""
    return AnsweredRecord(offset, [(topic, *r) for r in ranges], sum(last - first + 1 for _, first, last in ranges))


RANGES = st.tuples(st.integers(0, 1), st.integers(0, END - 6), st.integers(0, 5)).map(
    lambda r: (r[0], r[1], r[1] + r[2])
)


LOGS = st.lists(st.tuples(st.integers(0, 1), st.lists(RANGES, min_size=1, max_size=3)), max_size=30)


OFFSETS = st.tuples(st.integers(0, 1), st.integers(0, END - 1))


@settings(max_examples=150, deadline=None)
@given(logged=LOGS, empty=st.frozensets(OFFSETS, max_size=10), data=st.data())
def test_whatever_dies_the_figures_are_those_of_a_set_of_offsets(
    logged: list[tuple[int, list[tuple[int, int, int]]]], empty: frozenset[tuple[int, int]], data: st.DataObject
) -> None:
    """Ranges in any order, doubled, over two audit partitions, read again after crashes: as counting each offset."""
    logs: dict[int, list[AnsweredRecord]] = {0: [], 1: []}
    counted: Counter[tuple[int, int]] = Counter()
    for partition, ranges in logged:
        logs[partition].append(record(len(logs[partition]), *ranges))
        counted.update((p, o) for p, first, last in ranges for o in range(first, last + 1))
    committed = {0: data.draw(st.integers(0, END)), 1: data.draw(st.integers(0, END))}

    state, saved = Completeness(TOPIC), b""
    position = {0: 0, 1: 0}
    for _ in range(data.draw(st.integers(0, 25))):
        event = data.draw(st.sampled_from(["poll", "poll", "poll", "save", "crash", "look"]))
        partition = data.draw(st.integers(0, 1))
        if event == "poll":
            some = logs[partition][position[partition] :][: data.draw(st.integers(1, 5))]
            position[partition] += len(some)
            state.fold(partition, some, position[partition])
            state.read_to(position)
        elif event == "save":
            saved = state.encode()
        elif event == "look":
            at = look(committed, {p: len(log) for p, log in logs.items()})
            if state.unexplained(at) is not None:
                end_look(state, at, set(empty))
        else:
            state = Completeness(TOPIC)
            if saved:
                state.restore(saved)
            # The windows' own snapshot may be older or newer: reading begins at whichever is behind.
            position = {p: state.resume(p, data.draw(st.integers(0, len(log)))) or 0 for p, log in logs.items()}
    for partition, log in logs.items():
        state.fold(partition, log[position[partition] :], len(log))
    ends = {p: len(log) for p, log in logs.items()}
    state.read_to(ends)
    tallies = end_look(state, look(committed, ends), set(empty))

    for partition in (0, 1):
        answered = {o for p, o in counted if p == partition}
        missing = {o for o in range(committed[partition]) if o not in answered and (partition, o) not in empty}
        doubled = {o for (p, o), n in counted.items() if p == partition and n > 1}
        assert (tallies[partition].gap, tallies[partition].overlap) == (len(missing), len(doubled))
        assert {o for s in state.gaps().get(partition, []) for o in range(s.first, s.last + 1)} == missing
        void = {o for o in range(committed[partition]) if o not in answered} - missing
        assert tallies[partition].covered == len(answered | void)
    again = Completeness(TOPIC)
    again.restore(state.encode())
    assert again.encode() == state.encode()


def test_nothing_is_judged_before_the_audit_records_of_the_look_are_folded() -> None:
    """A committed offset is no gap while its audit record is still to be read."""
    state = Completeness(TOPIC)
    at = look({0: 10}, {0: 4, 1: 2})
    state.fold(0, [record(3, (0, 0, 4))], 4)
    state.read_to({0: 4, 1: 1})
    assert state.unexplained(at) is None
    assert state.tallies() == {}
    state.fold(1, [record(1, (0, 5, 9))], 2)
    state.read_to({1: 2})
    assert end_look(state, at) == {0: PartitionTally(10, 0, 0)}


def test_a_repair_closes_a_gap_and_a_late_double_is_seen() -> None:
    """A gap goes with the audit record of its repair, without another look; an answered offset answered again stays."""
    state = Completeness(TOPIC)
    state.fold(0, [record(0, (0, 0, 3), (0, 6, 9))], 1)
    state.read_to({0: 1})
    assert end_look(state, look({0: 10}, {0: 1})) == {0: PartitionTally(8, 2, 0)}
    assert state.gaps() == {0: [Span(4, 5)]}
    state.fold(0, [record(1, (0, 4, 5))], 2)
    assert state.tallies() == {0: PartitionTally(10, 0, 0)}
    state.fold(0, [record(2, (0, 5, 6))], 3)
    assert state.tallies() == {0: PartitionTally(10, 0, 2)}


def test_memory_is_of_the_size_of_the_holes() -> None:
    """A hundred thousand ranges without a hole are one range, and markers of transactions leave none."""
    state = Completeness(TOPIC)
    state.fold(0, [record(n, (0, n * 10, n * 10 + 8)) for n in range(20_000)], 20_000)
    state.read_to({0: 20_000})
    end_look(state, look({0: 200_000}, {0: 20_000}), {(0, n * 10 + 9) for n in range(20_000)})
    assert state.tallies() == {0: PartitionTally(200_000, 0, 0)}
    assert len(state.encode()) < 300


def test_what_the_topic_no_longer_holds_is_not_asked_about() -> None:
    """Offsets below the topic's begin are neither gap nor overlap: nobody could repair them."""
    state = Completeness(TOPIC)
    state.fold(0, [record(0, (0, 0, 3), (0, 6, 9)), record(1, (0, 2, 3))], 2)
    state.read_to({0: 2})
    assert end_look(state, look({0: 10}, {0: 2})) == {0: PartitionTally(8, 2, 2)}
    assert end_look(state, look({0: 10}, {0: 2}, {0: 6})) == {0: PartitionTally(4, 0, 0)}


@pytest.mark.parametrize(("from_beginning", "audit_begin"), [(False, 0), (True, 7)])
def test_without_the_beginning_only_what_comes_later_is_judged(from_beginning: bool, audit_begin: int) -> None:
    """A monitor that starts at the end, or whose audit topic was cut, does not cry over what it cannot know."""
    state = Completeness(TOPIC, from_beginning)
    state.fold(0, [record(7, (0, 90, 99))], 8)
    state.read_to({0: 8})
    assert end_look(state, look({0: 100}, {0: 8}, first=audit_begin))[0].gap == 0
    state.fold(0, [record(8, (0, 105, 109))], 9)
    state.read_to({0: 9})
    assert end_look(state, look({0: 110}, {0: 9}, first=audit_begin)) == {0: PartitionTally(5, 5, 0)}


def test_a_record_that_does_not_add_up_answers_nothing() -> None:
    """Five offsets and four answers: which one is missing cannot be told, so all five are open."""
    state = Completeness(TOPIC)
    state.fold(
        0, [AnsweredRecord(0, [(TOPIC, 0, 0, 4)], 4), record(1, (0, 5, 9)), record(2, (0, 0, 9), topic="other")], 3
    )
    state.read_to({0: 3})
    assert end_look(state, look({0: 10}, {0: 3})) == {0: PartitionTally(5, 5, 0)}


def test_torn_or_foreign_states_are_refused() -> None:
    """A file cut short, or one of another topic, is not taken for a state."""
    content = Completeness(TOPIC).encode()
    with pytest.raises(ValueError, match="torn"):
        Completeness(TOPIC).restore(content[:-1])
    with pytest.raises(ValueError, match="topic"):
        Completeness("other").restore(content)
