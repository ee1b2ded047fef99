"""One consistent cut through a stream that runs: what the group had committed at one moment, and what answers it.

The group's offsets are asked for first and in one request, so each micro-batch's transaction is in the cut as a whole
or not at all. Decisions and dead letters are read after that, so all that the cut owes is among them; the audit record
is read last, so it names every decision that was read, of the cut or newer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic_core import from_json

from credit.wire.audit import SourceRange, decode_audit
from credit.wire.coverage import Coverage, Span
from credit.wire.dead_letter import SOURCE_OFFSET, SOURCE_PARTITION, SOURCE_TOPIC
from streaming.kafka.admin import group_offsets
from streaming.kafka.reading import begin_positions, read_topics
from streaming.kafka.security import KafkaSecurity
from streaming.settings import StreamingSettings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AuditedBatch:
    """One audit record of the gateway, as far as it is needed to find an application's source again."""

    sources: list[SourceRange]
    decision_ids: list[str]
    application_ids: list[str]


@dataclass(slots=True)
class ConsistentCut:
    """What the topics held of a stream at one moment.

    committed: partition -> the next offset that the group would read; consumed: those below it that the topic still
    holds; coverage: partition -> those that are answered; batches: the audit records of the cut; audited and published:
    how often each decision id stands in those records, and on the decisions topic with the newer ones taken off;
    dead_letters: of the cut; newer: decisions and dead letters left out, as their offsets were committed after it.
    """

    committed: dict[int, int]
    consumed: dict[int, Span]
    coverage: dict[int, Coverage] = field(default_factory=lambda: defaultdict(Coverage))
    batches: list[AuditedBatch] = field(default_factory=list)
    audited: Counter[str] = field(default_factory=Counter)
    published: Counter[str] = field(default_factory=Counter)
    dead_letters: int = 0
    newer: int = 0

    def holds(self, partition: int, offset: int) -> bool:
        """Whether the group had committed this offset."""
        return offset < self.committed.get(partition, 0)


def read_cut(settings: StreamingSettings, security: KafkaSecurity | None, progress: Progress) -> ConsistentCut:
    """Take the cut and read everything that answers it; raises DependencyUnavailable where a topic cannot be read."""
    cut = ConsistentCut(*_committed(settings, security))
    progress(f"{sum(len(span) for span in cut.consumed.values())} offsets consumed")
    bootstrap = settings.bootstrap_servers
    for record in read_topics(bootstrap, [settings.decisions_topic], None, security):
        cut.published[from_json(record.value or b"")["decision_id"]] += 1
    letters = _letters(settings, security)
    progress(f"{cut.published.total()} decisions and {len(letters)} dead letters read back")
    newer = _read_audit(settings, security, cut)
    progress(f"{cut.audited.total()} audited decisions")
    for decision_id, count in newer.items():
        # Published already, of a transaction that was committed after the cut; the cut's own come first.
        left_out = max(0, min(count, cut.published[decision_id] - cut.audited[decision_id]))
        cut.published[decision_id] -= left_out
        cut.newer += left_out
    for partition, offset in letters:
        if not cut.holds(partition, offset):
            cut.newer += 1
            continue
        cut.dead_letters += 1
        # A batch that had decisions too counted its dead letters in its audit's ranges already.
        if offset not in cut.coverage[partition]:
            cut.coverage[partition].add(offset, offset)
    return cut


def _read_audit(settings: StreamingSettings, security: KafkaSecurity | None, cut: ConsistentCut) -> Counter[str]:
    """Read the audit records into the cut, and return how often newer ones name each decision id."""
    newer: Counter[str] = Counter()
    for record in read_topics(settings.bootstrap_servers, [settings.audit_topic], None, security):
        audit = decode_audit(record.value or b"")
        if audit.header["door"] != "kafka":
            continue
        sources = [SourceRange(*source) for source in audit.header["sources"]]
        sources = [source for source in sources if source.topic == settings.applications_topic]
        for source in sources:
            if cut.holds(source.partition, source.first):
                last = min(source.last, cut.committed[source.partition] - 1)
                cut.coverage[source.partition].add(source.first, last)
        if all(cut.holds(source.partition, source.last) for source in sources):
            cut.audited.update(audit.decision_ids)
            cut.batches.append(AuditedBatch(sources, audit.decision_ids, audit.application_ids))
        else:
            newer.update(audit.decision_ids)
    return newer


def _letters(settings: StreamingSettings, security: KafkaSecurity | None) -> list[tuple[int, int]]:
    """Return where the dead letters' applications stand: partition and offset of each."""
    found = []
    for record in read_topics(settings.bootstrap_servers, [settings.dead_letters_topic], None, security):
        headers = dict(record.headers)
        if headers.get(SOURCE_TOPIC, b"").decode() == settings.applications_topic:
            found.append((int(headers[SOURCE_PARTITION]), int(headers[SOURCE_OFFSET])))
    return found


def _committed(settings: StreamingSettings, security: KafkaSecurity | None) -> tuple[dict[int, int], dict[int, Span]]:
    """Return each partition's committed offset, and what is below it in the topic."""
    bootstrap, topic = settings.bootstrap_servers, settings.applications_topic
    # One request for the whole group: offsets asked for one by one would cut through a transaction.
    committed = group_offsets(bootstrap, settings.group_id, topic, security)
    starts = begin_positions(bootstrap, [topic], security).at
    consumed = {
        partition: Span(starts[topic, partition], end - 1)
        for partition, end in committed.items()
        if end > starts[topic, partition]
    }
    return committed, consumed
