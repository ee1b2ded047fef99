"""Whether each application that the gateways consumed has exactly one answer, kept up to date with every audit record.

An audit record names the offsets that it answers. Their union, up to what the gateways' group has committed, has to be
without a hole and without an offset twice. What is kept is of the size of the holes, not of the topic.

The state stands in one file with the audit offsets that it is made of, apart from the windows' states: a range answered
on one partition of the audit topic fills a hole that another one left, so it cannot be cut by partition.
"""

from __future__ import annotations

import json
import logging
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from credit.wire.coverage import Offsets, Span, spans
from monitoring.watches.offsets import AnsweredRecord, BrokerOffsets, CompletenessSummary, PartitionTally

log = logging.getLogger(__name__)

FORMAT = 1


@dataclass(slots=True)
class _Source:
    # Below `floor` nothing is known or asked; below `checked` every hole is a gap: it was looked at and holds a record.
    floor: int = 0
    checked: int = 0
    once: Offsets = field(default_factory=Offsets)
    twice: Offsets = field(default_factory=Offsets)


class Completeness:
    """Folds audit records, each exactly once whatever is read again; safe from several threads.

    topic: the applications topic; from_beginning: whether the audit topic is read from its first record. If not, only
    what is committed after the first look is judged.
    """

    def __init__(self, topic: str, from_beginning: bool = True) -> None:
        self._topic = topic
        self._from_beginning = from_beginning
        self._lock = threading.Lock()
        self._next: dict[int, int] = {}
        self._read_to: dict[int, int] = {}
        self._sources: dict[int, _Source] = {}
        self._whole = from_beginning
        self.checked_s = 0.0

    def resume(self, partition: int, offset: int | None) -> int | None:
        """Return where to read an audit partition from, if all else is known up to `offset`; None for its start."""
        with self._lock:
            if offset is None:
                return None
            if partition in self._next:
                return min(offset, self._next[partition])
            return 0 if self._from_beginning else offset

    def next_offset(self, partition: int) -> int:
        """Return the first offset of an audit partition that was not folded yet."""
        with self._lock:
            return self._next.get(partition, 0)

    def fold(self, partition: int, answered: Iterable[AnsweredRecord], next_offset: int) -> None:
        """Take the records of one audit partition, in order; `next_offset` is the one behind the last that was read."""
        with self._lock:
            at = self._next.get(partition, 0)
            for record in answered:
                if record.offset >= at:
                    self._take(record)
            self._next[partition] = max(at, next_offset)

    def _take(self, record: AnsweredRecord) -> None:
        named = sum(last - first + 1 for _, _, first, last in record.sources)
        if named != record.answers:
            # It does not prove an answer to each of its offsets: they stay open, and are found as a gap.
            log.error("audit record at %d names %d offsets and %d answers", record.offset, named, record.answers)
            return
        for topic, partition, first, last in record.sources:
            source = self._sources.setdefault(partition, _Source())
            first = max(first, source.floor)  # noqa: PLW2901 - what is below is not asked about any more
            if topic != self._topic or first > last:
                continue
            for span in source.once.add(first, last):
                source.twice.add(span.first, span.last)

    def read_to(self, positions: Mapping[int, int]) -> None:
        """Note that every audit record below these positions, by partition, has been folded."""
        with self._lock:
            self._read_to.update(positions)

    def unexplained(self, look: BrokerOffsets) -> dict[int, list[Span]] | None:
        """Return the committed offsets that no audit record names and that were not looked at, by source partition.

        None while audit records from before the look are still to be read.
        """
        with self._lock:
            if any(self._read_to.get(partition, -1) < end for partition, end in look.audit_ends.items()):
                return None
            if any(look.audit_begins.values()) and not any(s.checked for s in self._sources.values()):
                self._whole = False  # the audit topic's own retention has taken what came before
            if not self._whole:
                for partition in look.begins:
                    self._raise_floor(partition, look.committed.get(partition, 0))
                self._whole = True
            for partition, begin in look.begins.items():
                self._raise_floor(partition, begin)
            found = {}
            for partition, committed in look.committed.items():
                source = self._sources[partition]
                holes = source.once.holes(max(source.floor, source.checked), committed)
                if holes:
                    found[partition] = holes
            return found

    def _raise_floor(self, partition: int, floor: int) -> None:
        source = self._sources.setdefault(partition, _Source())
        if floor > source.floor:
            source.floor = floor
            source.once.forget_before(floor)
            source.twice.forget_before(floor)

    def explain(
        self,
        look: BrokerOffsets,
        holes: Mapping[int, Sequence[Span]],
        records: Mapping[int, Iterable[int]],
        now_s: float,
    ) -> None:
        """End a look: `records` are the offsets within `holes` at which a record stands, by source partition.

        The others (markers of transactions, records of aborted ones) need no answer.
        """
        with self._lock:
            for partition, some in holes.items():
                real = Offsets(spans(records.get(partition, ())))
                for hole in some:
                    for empty in real.holes(hole.first, hole.last + 1):
                        self._sources[partition].once.add(empty.first, empty.last)
            for partition, committed in look.committed.items():
                source = self._sources[partition]
                source.checked = max(source.checked, committed)
            self.checked_s = now_s

    def gaps(self) -> dict[int, list[Span]]:
        """Return the consumed offsets that hold a record without an answer, by source partition."""
        with self._lock:
            return {p: holes for p, s in self._sources.items() if (holes := s.once.holes(s.floor, s.checked))}

    def tallies(self) -> dict[int, PartitionTally]:
        """Return the figures by source partition; none before the first look has ended."""
        with self._lock:
            if not self.checked_s:
                return {}
            return {
                partition: PartitionTally(
                    s.once.count(), sum(map(len, s.once.holes(s.floor, max(s.floor, s.checked)))), s.twice.count()
                )
                for partition, s in sorted(self._sources.items())
            }

    def summary(self) -> CompletenessSummary | None:
        """Return the sums over all source partitions; None before the first look has ended."""
        tallies = self.tallies().values()
        if not tallies:
            return None
        return CompletenessSummary(
            sum(tally.covered for tally in tallies),
            sum(tally.gap for tally in tallies),
            sum(tally.overlap for tally in tallies),
            self.checked_s,
        )

    def encode(self) -> bytes:
        """Return the state with the audit offsets that it is made of; equal states give equal bytes."""
        with self._lock:
            sources = {
                str(partition): {
                    "floor": s.floor,
                    "judged": s.checked,
                    "once": [[span.first, span.last] for span in s.once.spans()],
                    "twice": [[span.first, span.last] for span in s.twice.spans()],
                }
                for partition, s in self._sources.items()
            }
            state = {
                "format": FORMAT,
                "topic": self._topic,
                "whole": self._whole,
                "next": {str(partition): offset for partition, offset in self._next.items()},
                "sources": sources,
            }
        body = json.dumps(state, sort_keys=True, separators=(",", ":")).encode()
        return zlib.crc32(body).to_bytes(4, "little") + body

    def restore(self, content: bytes) -> None:
        """Take a saved state in place of the own one; raises ValueError for torn bytes or another topic's."""
        if zlib.crc32(content[4:]).to_bytes(4, "little") != content[:4]:
            raise ValueError("not a state of completeness, or torn")
        state = json.loads(content[4:])
        if (state.get("format"), state.get("topic")) != (FORMAT, self._topic):
            raise ValueError(f"a state of format {state.get('format')!r} of topic {state.get('topic')!r}")
        with self._lock:
            self._whole = state["whole"]
            self._next = {int(partition): offset for partition, offset in state["next"].items()}
            self._sources = {
                int(partition): _Source(
                    s["floor"],
                    s["judged"],
                    Offsets(Span(first, last) for first, last in s["once"]),
                    Offsets(Span(first, last) for first, last in s["twice"]),
                )
                for partition, s in state["sources"].items()
            }
