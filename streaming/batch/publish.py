"""From decisions to one transaction's records: decisions as JSON, the audit as Arrow, dead letters as they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from credit.decision import DecisionBatch
from credit.wire.audit import Door, SourceRange, encode_audit, encode_rejections
from credit.wire.dead_letter import (
    ERROR_CODE,
    ERROR_DETAIL,
    HEADER_PREFIX,
    RETRY_ARRIVED,
    RETRY_OF,
    SOURCE_OFFSET,
    SOURCE_PARTITION,
    SOURCE_TIMESTAMP,
    SOURCE_TOPIC,
    TRUNCATED_FROM,
    first_arrival,
    retry_link,
)
from credit.wire.decision import encode_decisions
from streaming.batch.intake import DeadLetter
from streaming.kafka.records import Record


class Output(NamedTuple):
    """One record to write; a tuple, since one is made for every application."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: list[tuple[str, bytes]] | None = None

    @property
    def size(self) -> int:
        """Bytes of key, value and headers; the record's own frame adds less than 100."""
        headers = sum(len(name) + len(value) for name, value in self.headers or [])
        return len(self.value or b"") + len(self.key or b"") + headers


@dataclass(frozen=True, slots=True)
class DecidedRecords:
    """Decisions by one model version on some of a poll's records, row by row."""

    decisions: DecisionBatch
    records: Sequence[Record]

    def take(self, rows: slice) -> DecidedRecords:
        """Return consecutive rows of both."""
        return DecidedRecords(self.decisions.take(rows), self.records[rows])


class _Written(NamedTuple):
    """Decisions, and the records to write for them."""

    decided: DecidedRecords
    outputs: list[Output]


@dataclass(frozen=True, slots=True)
class Outputs:
    """All that one micro-batch writes, ready to send, and how it counts."""

    records: list[Output]
    decisions: int
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes micro-batches for the given topics; no record it makes is larger than `max_bytes`."""

    decisions_topic: str
    audit_topic: str
    dead_letters_topic: str
    max_bytes: int
    door: Door = "kafka"

    def outputs(self, decided: Sequence[DecidedRecords], dead: Sequence[DeadLetter]) -> Outputs:
        """Return the records of one micro-batch: one decision or one dead letter for each record read, and the audit.

        The first audit record also counts the dead letters, so that its ranges hold exactly its decisions and them;
        where nothing was decided they have an audit record of their own. So every offset read is named by one.
        """
        written = [piece for some in decided for piece in self._within_size(some)]
        died = [*dead, *(piece for piece in written if isinstance(piece, DeadLetter))]
        decisions: list[Output] = []
        audits: list[Output] = []
        for piece in written:
            if not isinstance(piece, DeadLetter):
                decisions += piece.outputs
                audits += self._audits(piece.decided, [] if audits else died)
        if died and not audits:
            sources = source_ranges([letter.record for letter in died])
            audits = [Output(self.audit_topic, encode_rejections(self.door, sources, len(died)))]
        letters = [self._letter(letter) for letter in died]
        return Outputs([*decisions, *audits, *letters], len(decisions), len(letters))

    def _within_size(self, decided: DecidedRecords) -> list[_Written | DeadLetter]:
        """Write the decisions; what is larger than may be becomes a dead letter, and what is around it stays whole."""
        outputs = [
            Output(self.decisions_topic, value, application_id.encode(), _link(record))
            for value, application_id, record in zip(
                encode_decisions(decided.decisions),
                decided.decisions.applications.application_ids,
                decided.records,
                strict=True,
            )
        ]
        too_large = [row for row, output in enumerate(outputs) if output.size > self.max_bytes]
        if not too_large:
            return [_Written(decided, outputs)]
        pieces: list[_Written | DeadLetter] = []
        start = 0
        for row in [*too_large, len(outputs)]:
            if row > start:
                pieces.append(_Written(decided.take(slice(start, row)), outputs[start:row]))
            if row < len(outputs):
                detail = f"its decision has {outputs[row].size} bytes, at most {self.max_bytes} are written"
                pieces.append(DeadLetter(decided.records[row], "oversize_output", detail))
            start = row + 1
        return pieces

    def _audits(self, decided: DecidedRecords, dead: Sequence[DeadLetter]) -> list[Output]:
        n = len(decided.decisions)
        sources = source_ranges([*decided.records, *(letter.record for letter in dead)])
        payload = encode_audit(decided.decisions, self.door, sources, len(dead))
        if len(payload) <= self.max_bytes or n == 1:
            return [Output(self.audit_topic, payload)]
        half = n // 2
        first, second = decided.take(slice(0, half)), decided.take(slice(half, n))
        return [*self._audits(first, dead), *self._audits(second, [])]

    def _letter(self, letter: DeadLetter) -> Output:
        record = letter.record
        headers = [(name, value or b"") for name, value in record.headers or [] if not name.startswith(HEADER_PREFIX)]
        if (link := retry_link(record.headers)) is not None:
            headers += [
                (RETRY_OF, link),
                (RETRY_ARRIVED, str(first_arrival(record.headers, record.timestamp)).encode()),
            ]
        headers += [
            (ERROR_CODE, letter.code.encode()),
            (ERROR_DETAIL, letter.detail.encode(errors="replace")),
            (SOURCE_TOPIC, record.topic.encode()),
            (SOURCE_PARTITION, str(record.partition).encode()),
            (SOURCE_OFFSET, str(record.offset).encode()),
            (SOURCE_TIMESTAMP, str(record.timestamp).encode()),
        ]
        output = Output(self.dead_letters_topic, record.value, record.key, headers)
        if output.size <= self.max_bytes:
            return _sendable(output)
        # What the brokers would refuse is cut; the whole of it still stands at the source position in the headers.
        kept = [*headers[-6:], (TRUNCATED_FROM, str(len(record.value or b"")).encode())]
        return _sendable(Output(self.dead_letters_topic, (record.value or b"")[: self.max_bytes // 2], None, kept))


def _sendable(output: Output) -> Output:
    # Kafka's clients refuse a record with neither key nor value: an empty value says the same.
    if output.value is None and output.key is None:
        return Output(output.topic, b"", None, output.headers)
    return output


def _link(record: Record) -> list[tuple[str, bytes]] | None:
    link = retry_link(record.headers) if record.headers else None
    return None if link is None else [(RETRY_OF, link)]


def source_ranges(records: Sequence[Record]) -> list[SourceRange]:
    """Return the records' positions as ranges that hold these offsets and no others, by topic, partition and offset."""
    ranges: list[SourceRange] = []
    for topic, partition, offset in sorted((r.topic, r.partition, r.offset) for r in records):
        last = ranges[-1] if ranges else None
        if last is not None and (last.topic, last.partition, last.last + 1) == (topic, partition, offset):
            ranges[-1] = SourceRange(topic, partition, last.first, offset)
        else:
            ranges.append(SourceRange(topic, partition, offset, offset))
    return ranges
