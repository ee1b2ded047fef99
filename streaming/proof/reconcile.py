"""Reconciliation: every consumed offset against the audit record, the decisions and the dead letters, and its repair.

The gateway promises that each application has one decision or one dead letter. This reads the topics back and holds the
promise against them, without asking the gateway anything.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from credit.wire.audit import SourceRange, decode_audit
from credit.wire.coverage import Coverage, Span, spans
from credit.wire.dead_letter import SOURCE_OFFSET, SOURCE_PARTITION, SOURCE_TOPIC
from streaming.batch.answer import answer
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Publisher
from streaming.kafka.reading import consumed_spans, read_spans, read_topics
from streaming.kafka.records import Record
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.settings import StreamingSettings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What holds and what does not, up to the offsets that the group had committed when it was made.

    gaps: ranges of records with neither decision nor dead letter; overlaps: ranges answered more than once; doubled:
    decision ids that are published more often than the audit names them.
    """

    consumed: int
    decided: int
    dead_letters: int
    gaps: list[SourceRange]
    overlaps: list[SourceRange]
    doubled: list[str]

    @property
    def clean(self) -> bool:
        """Whether every consumed application has exactly one answer."""
        return not (self.gaps or self.overlaps or self.doubled)

    @property
    def gap_offsets(self) -> int:
        return sum(gap.last - gap.first + 1 for gap in self.gaps)

    @property
    def overlap_offsets(self) -> int:
        return sum(overlap.last - overlap.first + 1 for overlap in self.overlaps)

    def line(self) -> str:
        """Return the result as one line for people."""
        return (
            f"{self.consumed} consumed = {self.decided} decided + {self.dead_letters} dead letters; "
            f"gaps {self.gap_offsets}, overlaps {self.overlap_offsets}, doubled decisions {len(self.doubled)}"
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """One audit record, as far as it is needed to find an application's source again."""

    sources: list[list[Any]]
    decision_ids: list[str]
    application_ids: list[str]


def reconcile(
    settings: StreamingSettings, security: KafkaSecurity | None = None, progress: Progress = lambda _: None
) -> Reconciliation:
    """Read the audit record, the decisions and the dead letters, and compare them with the consumed offsets.

    Raises DependencyUnavailable where the topics cannot be read to their ends.
    """
    bootstrap, topic = settings.bootstrap_servers, settings.applications_topic
    # The offsets first: what they say was consumed is in the other topics by then, as it was one transaction.
    taken = consumed_spans(bootstrap, topic, settings.group_id, security)
    consumed = {partition: Span(first, end - 1) for partition, (first, end) in taken.items()}
    progress(f"{sum(len(span) for span in consumed.values())} offsets consumed")
    coverage: dict[int, Coverage] = defaultdict(Coverage)
    audited: Counter[str] = Counter()
    batches: list[_Batch] = []
    for record in read_topics(bootstrap, [settings.audit_topic], None, security):
        audit = decode_audit(record.value or b"")
        if audit.header["door"] != "kafka":
            continue
        sources = [source for source in audit.header["sources"] if source[0] == topic]
        for _, partition, first, last in sources:
            coverage[partition].add(first, last)
        audited.update(audit.decision_ids)
        batches.append(_Batch(sources, audit.decision_ids, audit.application_ids))
    progress(f"{sum(audited.values())} audited decisions")
    letters = 0
    for record in read_topics(bootstrap, [settings.dead_letters_topic], None, security):
        headers = dict(record.headers)
        if headers.get(SOURCE_TOPIC, b"").decode() != topic:
            continue
        letters += 1
        partition, offset = int(headers[SOURCE_PARTITION]), int(headers[SOURCE_OFFSET])
        # A batch that had decisions too counted its dead letters in its audit's ranges already.
        if offset not in coverage[partition]:
            coverage[partition].add(offset, offset)
    published: Counter[str] = Counter()
    for record in read_topics(bootstrap, [settings.decisions_topic], None, security):
        published[from_json(record.value or b"")["decision_id"]] += 1
    progress(f"{sum(published.values())} decisions and {letters} dead letters read back")
    missing = audited - published
    undecided = _positions_of(settings, security, missing, batches) if missing else {}
    gaps: list[SourceRange] = []
    overlaps: list[SourceRange] = []
    for partition, span in sorted(consumed.items()):
        holes = coverage[partition].holes(span.first, span.last + 1)
        real = _records_in(settings, security, partition, holes) if holes else set()
        gaps += _ranges(topic, partition, spans(real | undecided.get(partition, set())))
        overlaps += _ranges(topic, partition, coverage[partition].overlaps)
    doubled = sorted((published - audited).elements())
    total = sum(len(span) for span in consumed.values())
    return Reconciliation(total, sum(published.values()), letters, gaps, overlaps, doubled)


def repair(
    settings: StreamingSettings,
    gaps: Iterable[SourceRange],
    decider: Decider,
    security: KafkaSecurity | None = None,
    progress: Progress = lambda _: None,
) -> int:
    """Decide exactly the applications of `gaps`, as `reconcile` found them, and return how many were answered.

    One transaction a micro-batch, through the same code as the gateway; the group's offsets stay as they are. Run
    `reconcile` again afterwards. Two repairs at the same time fence each other, so only one of them gets through.
    """
    security = security or KafkaSecurity()
    publisher = Publisher(
        settings.decisions_topic, settings.audit_topic, settings.dead_letters_topic, settings.max_output_bytes
    )
    patient, never = PatientDecider(decider, settings.max_backoff_s), threading.Event()
    producer = TransactionalProducer(settings, security, f"{settings.transactional_prefix}-repair")
    answered = 0
    try:
        for gap in gaps:
            records = list(records_between(settings, security, gap.partition, Span(gap.first, gap.last)))
            for start in range(0, len(records), settings.max_batch):
                some = records[start : start + settings.max_batch]
                outputs = answer(read_records(some), patient, publisher, never)
                producer.begin()
                for output in outputs.records:
                    producer.send(output.topic, output.value, output.key, output.headers)
                producer.flush()
                producer.commit()
                answered += len(some)
                progress(f"{answered} applications answered")
    finally:
        producer.close()
    return answered


def records_between(
    settings: StreamingSettings, security: KafkaSecurity | None, partition: int, span: Span
) -> Iterator[Record]:
    """Yield the committed records of the applications topic at the span's offsets."""
    spans_wanted = {partition: (span.first, span.last + 1)}
    for records in read_spans(settings.bootstrap_servers, settings.applications_topic, spans_wanted, security):
        yield from records


def _records_in(
    settings: StreamingSettings, security: KafkaSecurity | None, partition: int, holes: list[Span]
) -> set[int]:
    # Not every offset is a record: markers of transactions and aborted records are holes by right.
    return {record.offset for hole in holes for record in records_between(settings, security, partition, hole)}


def _positions_of(
    settings: StreamingSettings,
    security: KafkaSecurity | None,
    missing: Counter[str],
    batches: list[_Batch],
) -> dict[int, set[int]]:
    """Return where the applications stand whose decisions are audited but not published: partition -> offsets."""
    from credit.wire.application import parse_applications

    positions: dict[int, set[int]] = defaultdict(set)
    for batch in batches:
        lost = {
            application_id
            for application_id, decision_id in zip(batch.application_ids, batch.decision_ids, strict=True)
            if missing[decision_id] > 0
        }
        if not lost:
            continue
        for _, partition, first, last in batch.sources:
            records = list(records_between(settings, security, partition, Span(first, last)))
            parsed = parse_applications([r.value or b"" for r in records], [r.timestamp for r in records])
            for row, application_id in zip(parsed.rows.tolist(), parsed.batch.application_ids, strict=True):
                if application_id in lost:
                    positions[partition].add(records[row].offset)
    return positions


def _ranges(topic: str, partition: int, found: Iterable[Span]) -> list[SourceRange]:
    return [SourceRange(topic, partition, span.first, span.last) for span in found]
