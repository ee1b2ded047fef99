"""Reconciliation: every consumed offset against the audit record, the decisions and the dead letters, and its repair.

The gateway promises that each application has one decision or one dead letter. This reads the topics back and holds the
promise against them, without asking the gateway anything; it may run while the gateway does.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from credit.wire.audit import SourceRange
from credit.wire.coverage import Span, spans
from streaming.batch.answer import answer
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.batch.publish import Publisher
from streaming.kafka.reading import read_spans
from streaming.kafka.records import Record
from streaming.kafka.security import KafkaSecurity
from streaming.kafka.transactions import TransactionalProducer
from streaming.proof.cut import AuditedBatch, Progress, read_cut
from streaming.settings import StreamingSettings


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What holds and what does not, up to the offsets that the group had committed when it was made.

    gaps: ranges of records with neither decision nor dead letter; overlaps: ranges answered more than once; doubled:
    decision ids, once for each time that they are published more often than an application at one offset is owed them;
    newer: answers read and left out, as their offsets were committed after those that this is about (0 at rest).
    """

    consumed: int
    decided: int
    dead_letters: int
    gaps: list[SourceRange]
    overlaps: list[SourceRange]
    doubled: list[str]
    newer: int = 0

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
            f"gaps {self.gap_offsets}, overlaps {self.overlap_offsets}, doubled decisions {len(self.doubled)}; "
            f"{self.newer} newer answers left out"
        )


def reconcile(
    settings: StreamingSettings, security: KafkaSecurity | None = None, progress: Progress = lambda _: None
) -> Reconciliation:
    """Compare the consumed offsets with the audit record, the decisions and the dead letters that answer them.

    Raises DependencyUnavailable where the topics cannot be read to their ends.
    """
    topic = settings.applications_topic
    cut = read_cut(settings, security, progress)
    overlaps: list[SourceRange] = []
    for partition, span in cut.consumed.items():
        twice = {
            offset for overlap in cut.coverage[partition].overlaps for offset in range(overlap.first, overlap.last + 1)
        }
        overlaps += _ranges(topic, partition, spans(offset for offset in twice if offset >= span.first))
    # What an application is owed is one decision, however often audit records name it.
    owed = cut.audited - _named_again(settings, security, overlaps, cut.batches)
    missing = owed - cut.published
    undecided = _positions_of(settings, security, missing, cut.batches) if missing else {}
    gaps: list[SourceRange] = []
    for partition, span in cut.consumed.items():
        holes = cut.coverage[partition].holes(span.first, span.last + 1)
        real = _records_in(settings, security, partition, holes) if holes else set()
        gaps += _ranges(topic, partition, spans(real | undecided.get(partition, set())))
    return Reconciliation(
        consumed=sum(len(span) for span in cut.consumed.values()),
        decided=cut.published.total(),
        dead_letters=cut.dead_letters,
        gaps=gaps,
        overlaps=overlaps,
        doubled=sorted((cut.published - owed).elements()),
        newer=cut.newer,
    )


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


def _named_again(
    settings: StreamingSettings,
    security: KafkaSecurity | None,
    overlaps: list[SourceRange],
    batches: list[AuditedBatch],
) -> Counter[str]:
    """Return how often audit records name a decision again for an application at `overlaps`: id -> times too many."""
    again: Counter[str] = Counter()
    for overlap in overlaps:
        at = _applications_at(settings, security, overlap)
        named = Counter(
            decision_id
            for batch in batches
            if any(
                s.partition == overlap.partition and s.first <= overlap.last and s.last >= overlap.first
                for s in batch.sources
            )
            for application_id, decision_id in zip(batch.application_ids, batch.decision_ids, strict=True)
            if application_id in at
        )
        again += named - Counter(dict.fromkeys(named, 1))
    return again


def _positions_of(
    settings: StreamingSettings,
    security: KafkaSecurity | None,
    missing: Counter[str],
    batches: list[AuditedBatch],
) -> dict[int, set[int]]:
    """Return where the applications stand whose decisions are audited but not published: partition -> offsets."""
    positions: dict[int, set[int]] = defaultdict(set)
    for batch in batches:
        lost = {
            application_id
            for application_id, decision_id in zip(batch.application_ids, batch.decision_ids, strict=True)
            if missing[decision_id] > 0
        }
        if not lost:
            continue
        for source in batch.sources:
            for application_id, offsets in _applications_at(settings, security, source).items():
                if application_id in lost:
                    positions[source.partition].update(offsets)
    return positions


def _applications_at(
    settings: StreamingSettings, security: KafkaSecurity | None, source: SourceRange
) -> dict[str, list[int]]:
    """Return the applications that stand at a range, as far as they can be read: id -> offsets."""
    from credit.wire.application import parse_applications

    records = list(records_between(settings, security, source.partition, Span(source.first, source.last)))
    parsed = parse_applications([r.value or b"" for r in records], [r.timestamp for r in records])
    found: dict[str, list[int]] = defaultdict(list)
    for row, application_id in zip(parsed.rows.tolist(), parsed.batch.application_ids, strict=True):
        found[application_id].append(records[row].offset)
    return found


def _ranges(topic: str, partition: int, found: Iterable[Span]) -> list[SourceRange]:
    return [SourceRange(topic, partition, span.first, span.last) for span in found]
