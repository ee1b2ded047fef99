"""Rehearsal: what would have been decided by a candidate, beside what was decided, before it decides anything.

Reads a range of the applications topic and the audit record of the decisions taken, decides the same applications with
the candidate in memory, and compares. The report is signed, so that a promotion can require it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from credit.errors import SettingsError
from credit.policy import Costs, Policy
from credit.rehearsal import RehearsalReport
from credit.wire.audit import decode_audit
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.kafka.reading import read_topics
from streaming.kafka.security import KafkaSecurity
from streaming.proof.comparison import Decisions, compare
from streaming.proof.replay import ReplayRange, read_range
from streaming.settings import StreamingSettings


def rehearse(
    settings: StreamingSettings,
    wanted: ReplayRange,
    candidate: Decider,
    security: KafkaSecurity | None = None,
    defaulted: dict[str, int] | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> RehearsalReport:
    """Compare the candidate's decisions with those taken and return the report, not signed yet.

    defaulted: application id -> 0 or 1 where the outcome is known; then costs are also realised ones. Raises
    SettingsError where no decision was taken on any application of the range.
    """
    taken = taken_decisions(settings, security)
    would = candidate_decisions(settings, wanted, candidate, security, progress)
    place = {application_id: row for row, application_id in enumerate(taken.application_ids)}
    rows = [(row, place[name]) for row, name in enumerate(would.application_ids) if name in place]
    if not rows:
        kept = settings.audit_retention_days
        past = (
            "" if kept < 0 else f", within the {kept} days for which LOANSTREAM_KAFKA_AUDIT_RETENTION_DAYS keeps them"
        )
        raise SettingsError(f"no decision on these applications is to be found; name a range that was decided{past}")
    pairs = np.array(rows, dtype=np.int64)
    report = compare(taken.take(pairs[:, 1]), would.take(pairs[:, 0]), defaulted)
    spans = {str(partition): span for partition, span in sorted(wanted.offsets.items())}
    return report.model_copy(update={"range": spans, "not_decided_before": len(would) - len(rows)})


def taken_decisions(settings: StreamingSettings, security: KafkaSecurity | None = None) -> Decisions:
    """Return the decisions that the audit record holds, the last one of each application."""
    pieces: list[Decisions] = []
    decided_ms, costs = 0, Costs()
    for record in read_topics(settings.bootstrap_servers, [settings.audit_topic], None, security):
        audit = decode_audit(record.value or b"")
        if audit.header["door"] == "replay" or not len(audit):
            continue
        if (last := int(audit.decided_ms.max())) >= decided_ms:
            decided_ms, costs = last, Policy(**audit.header["policy"]).costs
        columns = audit.application_ids, audit.outcome, audit.probability, audit.reason_subject
        model = audit.header["model"]
        pieces.append(Decisions(*columns, {str(model["version"])}, {str(model["digest"])}))
    return Decisions.joined(pieces, costs)


def candidate_decisions(
    settings: StreamingSettings,
    wanted: ReplayRange,
    candidate: Decider,
    security: KafkaSecurity | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Decisions:
    """Decide the range with the candidate, in memory; what cannot be decided is left out."""
    patient, never = PatientDecider(candidate, settings.max_backoff_s), threading.Event()
    pieces: list[Decisions] = []
    done = 0
    for records in read_range(settings, wanted, security):
        intake = read_records(records)
        if intake.accepted:
            for stretch in patient.decide(intake.batch, never).stretches:
                batch, model = stretch.decisions, stretch.decisions.model
                columns = batch.applications.application_ids, batch.outcome, batch.probability, batch.reasons.subject
                pieces.append(Decisions(*columns, {model.version}, {model.digest}))
        done += len(records)
        progress(done, len(wanted))
    return Decisions.joined(pieces)
