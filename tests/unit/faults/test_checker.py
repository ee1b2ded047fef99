"""The checker of a fault run: a whole run passes, and each of its counts finds the bug that is planted for it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from tests.faults import checker

TOPICS = ("applications", "decisions", "audit", "dead-letters")
Log = dict[str, list[Any]]


def audit_record(first: int, last: int, rows: int, rejected: int = 0, door: str = "kafka") -> Any:
    """Return the audit of a micro-batch that covers offsets `first` to `last` of partition 0, none through HTTP."""
    sources = [] if door == "http" else [["applications", 0, first, last]]
    header = json.dumps({"door": door, "sources": sources, "rejected": rejected})
    schema = pa.schema([("points", pa.int32())], metadata={b"loanstream": header.encode()})
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, schema) as writer:
        writer.write_table(pa.table([pa.array([0] * rows, pa.int32())], schema=schema))
    return SimpleNamespace(value=stream.getvalue())


def decision(key: str) -> Any:
    return SimpleNamespace(key=key.encode(), value=json.dumps({"application_id": key}).encode())


def letter(offset: int) -> Any:
    headers = [("loanstream.source.partition", b"0"), ("loanstream.source.offset", str(offset).encode())]
    return SimpleNamespace(headers=headers)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """Six applications, two micro-batches, the fifth application a dead letter: nothing lost, doubled or left out."""
    log: Log = {
        "applications": [SimpleNamespace(key=f"a{n}".encode(), partition=0, offset=n) for n in range(6)],
        "decisions": [decision(f"a{n}") for n in (0, 1, 2, 3, 5)],
        "audit": [audit_record(0, 2, rows=3), audit_record(3, 5, rows=2, rejected=1)],
        "dead-letters": [letter(4)],
    }

    def committed_records(_: str, topic: str) -> Iterator[Any]:
        yield from log[topic]

    monkeypatch.setattr(checker, "committed_records", committed_records)
    return log


def counts() -> tuple[int, int, int]:
    found = checker.check("nowhere", *TOPICS)
    return found.lost, found.doubled, found.gaps


def test_a_whole_run_passes(log: Log) -> None:
    assert counts() == (0, 0, 0)
    assert len(log["applications"]) == 6


def test_what_was_decided_for_callers_is_no_gap(log: Log) -> None:
    """Their audit records cover no offset, and owe none."""
    log["audit"].append(audit_record(0, 0, rows=3, door="http"))
    assert counts() == (0, 0, 0)


@pytest.mark.parametrize(
    ("bug", "found"),
    [
        (lambda log: log["decisions"].pop(1), (1, 0, 0)),
        (lambda log: log["decisions"].append(decision("a2")), (0, 1, 0)),
        (lambda log: log["decisions"].append(decision("a4")), (0, 1, 0)),  # decided, and a dead letter besides
        (lambda log: log["dead-letters"].pop(), (1, 0, 0)),
        (lambda log: log["dead-letters"].append(letter(4)), (0, 1, 1)),
        (lambda log: log["audit"].pop(0), (0, 0, 3)),
        (lambda log: log["audit"].append(audit_record(2, 2, rows=1)), (0, 0, 1)),
        (lambda log: log["audit"].__setitem__(0, audit_record(0, 2, rows=2)), (0, 0, 1)),
        (lambda log: log["audit"].__setitem__(0, audit_record(0, 2, rows=3, door="http")), (0, 0, 3)),
    ],
    ids=[
        "a decision lost",
        "a decision twice",
        "a decision and a dead letter",
        "a dead letter lost",
        "a dead letter twice",
        "an audit record lost",
        "an offset audited twice",
        "an audit that lacks a row",
        "an audit that names another door",
    ],
)
def test_each_count_finds_its_bug(log: Log, bug: Callable[[Log], object], found: tuple[int, int, int]) -> None:
    bug(log)
    assert counts() == found
