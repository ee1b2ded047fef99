"""A replica's place in the group, over a hand-written consumer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from kafka.structs import TopicPartition

from streaming.gateway import membership as module
from streaming.gateway.membership import Membership
from streaming.gateway.stats import LoopObserver
from streaming.kafka.doubt import InDoubt
from streaming.kafka.group import NoCommittedOffset, OffsetsOutOfRange
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import FakeRecord

ZERO, ONE = TopicPartition("loan-applications", 0), TopicPartition("loan-applications", 1)


class Member:
    """A consumer that is given its answers, and notes where it was told to read on."""

    def __init__(self) -> None:
        self.assigned = {ZERO, ONE}
        self.answer: dict[Any, Any] | Exception = {}
        self.stable = True
        self.offsets: dict[Any, int | None] = {ZERO: 40, ONE: None}
        self.calls: list[tuple[Any, ...]] = []

    def subscribe(self, topic: str, on_moved: Callable[[], None]) -> None:
        self.on_moved = on_moved

    def poll(self, timeout_ms: int) -> dict[Any, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def metadata(self) -> Any:
        return SimpleNamespace(generation_id=3, member_id="m")

    def is_stable(self) -> bool:
        return self.stable

    def assignment(self) -> set[Any]:
        return self.assigned

    def partition_count(self, topic: str) -> int:
        return 4

    def committed(self, partition: Any, timeout_ms: int) -> int | None:
        assert timeout_ms == 12_000, "a predecessor's transaction may take its whole time"
        return self.offsets[partition]

    def position(self, partition: Any, timeout_ms: int) -> int | None:
        return 10 if partition == ZERO else None

    def highwater(self, partition: Any) -> int | None:
        return 100

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self.calls.append((name, *arguments))


def membership_of(member: Member, limit_s: float = 20.0) -> tuple[Membership, LoopObserver]:
    observer = LoopObserver()
    membership = Membership(member, StreamingSettings(transaction_timeout_s=10.0), observer, limit_s)  # type: ignore[arg-type]
    membership.join()
    return membership, observer


def test_after_a_move_everything_is_read_on_from_the_committed_offsets() -> None:
    """Also partitions that stayed: their position in the client is past what was dropped. No offset: the beginning."""
    member = Member()
    membership, observer = membership_of(member)
    membership.read_up_to({ZERO: 90})
    member.on_moved()
    membership.poll(0)
    assert membership.moved
    membership.settle()
    assert ("seek", ZERO, 40) in member.calls
    assert ("seek_to_beginning", ONE) in member.calls
    assert {call[1] for call in member.calls if call[0] == "resume"} == {ZERO, ONE}
    assert (membership.moved, observer.stats().rebalances) == (False, 1)
    membership.require_in_order({ZERO: [FakeRecord(b"", offset=40)]})


def test_a_member_that_still_joins_settles_later() -> None:
    """Before the group is stable nothing is sought, and the move is not over."""
    member = Member()
    member.stable = False
    membership, observer = membership_of(member)
    member.on_moved()
    membership.settle()
    assert (membership.moved, observer.stats().rebalances, member.calls) == (True, 0, [])


def test_a_group_s_first_offsets_are_settled_like_a_move() -> None:
    """Without a committed offset the client has nothing to read, and says so in a poll."""
    member = Member()
    member.answer = NoCommittedOffset("none yet")
    membership, _ = membership_of(member)
    assert membership.poll(0) == {}
    assert membership.moved


def test_applications_lost_to_retention_are_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    """Reading goes on at the topic's start, never in silence."""
    member = Member()
    member.answer = OffsetsOutOfRange("gone", [ONE])
    membership, observer = membership_of(member)
    assert membership.poll(0) == {}
    assert member.calls == [("seek_to_beginning", ONE)]
    assert observer.stats().offsets_out_of_range == 1
    assert "no longer in the topic" in caplog.text


def test_records_out_of_order_are_doubt_and_holes_are_counted() -> None:
    """Going back means that a position is wrong; a hole is a marker."""
    membership, observer = membership_of(Member())
    membership.read_up_to({ZERO: 50})
    membership.require_in_order({ZERO: [FakeRecord(b"", offset=52)], ONE: [FakeRecord(b"", offset=7)]})
    assert observer.stats().skipped_offsets == 2
    with pytest.raises(InDoubt, match="went back from 50 to 49"):
        membership.require_in_order({ZERO: [FakeRecord(b"", offset=49)]})


def test_a_member_without_partitions_for_too_long_joins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is doubt after the limit, and not before; partitions start the time again."""
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    member = Member()
    member.assigned = set()
    membership, _ = membership_of(member, limit_s=20.0)
    now += 20
    membership.poll(0)
    assert not membership.ever_assigned
    member.assigned = {ZERO}
    now += 1
    membership.poll(0)
    member.assigned = set()
    now += 20
    membership.poll(0)
    now += 1
    with pytest.raises(InDoubt, match="without partitions for 21 s"):
        membership.poll(0)


def test_pausing_tells_the_client_once() -> None:
    """Only a change is passed on, and with nothing assigned there is nobody to tell."""
    member = Member()
    membership, _ = membership_of(member)
    for wanted in (False, True, True, False):
        membership.pause(wanted)
    assert [call[0] for call in member.calls] == ["pause", "resume"]
    member.assigned = set()
    membership.pause(True)
    assert len(member.calls) == 2


def test_lag_is_what_is_not_read_and_what_is_not_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """From what is read next, or else the client's position; a partition of which nothing is known counts nothing."""
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    membership, observer = membership_of(Member())
    membership.measure_lag(0)
    assert (observer.stats().lag, observer.stats().topic_partitions) == (90, 4)
    membership.read_up_to({ZERO: 70, ONE: 95})
    membership.measure_lag(0)
    assert observer.stats().lag == 90, "it was measured again within two seconds"
    now += 2
    membership.measure_lag(8)
    assert observer.stats().lag == 30 + 5 + 8
