"""What a reader saw while everything broke, held against what stands there at the end: a checker in Jepsen's manner.

It shares no code with the gateway, on purpose. `seen` is what one reader of committed records was given during the run,
in the order in which it was given; `final` is what such a reader is given of the whole topic when all is over.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Seen(NamedTuple):
    """One record: where it stood, whose it is, and the moment at which its application was submitted (ms)."""

    partition: int
    offset: int
    key: str
    submitted_ms: int


@dataclass(slots=True)
class Broken:
    """How often each rule was broken, with a few examples.

    vanished: seen by the reader and not there at the end: an aborted record was read, or a committed one was lost.
    skipped: there at the end, passed over by the reader that was given what stands before and behind it.
    backwards: given after a later offset of its partition. disordered: answered before an earlier one of its key.
    """

    vanished: int = 0
    skipped: int = 0
    backwards: int = 0
    disordered: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.vanished + self.skipped + self.backwards + self.disordered

    def note(self, rule: str, record: Seen) -> None:
        """Count one break of a rule."""
        setattr(self, rule, getattr(self, rule) + 1)
        if len(self.examples) < 10:
            self.examples.append(f"{rule}: {record.key} at {record.partition}/{record.offset}")


def judge(seen: Sequence[Seen], final: Iterable[Seen]) -> Broken:
    """Return which rules the two histories break."""
    broken = Broken()
    stands = {(record.partition, record.offset): record for record in final}
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    given: set[tuple[int, int]] = set()
    for record in seen:
        at = (record.partition, record.offset)
        if at not in stands or stands[at].key != record.key:
            broken.note("vanished", record)
        if record.offset <= last.get(record.partition, -1):
            broken.note("backwards", record)
        first.setdefault(record.partition, record.offset)
        last[record.partition] = max(record.offset, last.get(record.partition, -1))
        given.add(at)
    for at, record in stands.items():
        partition, offset = at
        if partition in first and first[partition] < offset < last[partition] and at not in given:
            broken.note("skipped", record)
    for records in _by_key(stands.values()).values():
        # One key, one partition: the log's order is the order in which its applicant was answered.
        for one, next_ in itertools.pairwise(records):
            if next_.submitted_ms < one.submitted_ms:
                broken.note("disordered", next_)
    return broken


def _by_key(records: Iterable[Seen]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = defaultdict(list)
    for record in sorted(records):
        found[record.key].append(record)
    return found
