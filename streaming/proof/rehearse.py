"""Rehearsal: what would have been decided by a candidate, beside what was decided, before it decides anything.

Reads a range of the applications topic and the audit record of the decisions taken, decides the same applications with
the candidate in memory, and compares. The report is signed, so that a promotion can require it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.errors import SettingsError
from credit.measures import expected_cost, sample_psi
from credit.policy import Costs, Outcome, Policy
from credit.wire.audit import decode_audit
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.kafka.reading import read_topics
from streaming.kafka.security import KafkaSecurity
from streaming.proof.replay import ReplayRange, read_range
from streaming.settings import StreamingSettings


@dataclass(slots=True)
class Decisions:
    """n decisions in columns: ids; outcome int8[n]; probability float64[n]; reasons int16[n, 4], unused places -1.

    versions, digests: of the models that decided them; costs: those of the policy that decided last.
    """

    application_ids: list[str]
    outcome: npt.NDArray[np.int8]
    probability: FloatArray
    reasons: npt.NDArray[np.int16]
    versions: set[str]
    digests: set[str] = field(default_factory=set)
    costs: Costs = field(default_factory=Costs)

    def __len__(self) -> int:
        return len(self.application_ids)

    def take(self, rows: npt.NDArray[np.int64]) -> Decisions:
        ids = [self.application_ids[row] for row in rows]
        columns = self.outcome[rows], self.probability[rows], self.reasons[rows]
        return Decisions(ids, *columns, self.versions, self.digests, self.costs)


def rehearse(
    settings: StreamingSettings,
    wanted: ReplayRange,
    candidate: Decider,
    security: KafkaSecurity | None = None,
    defaulted: dict[str, int] | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Compare the candidate's decisions with those taken and return the report as JSON-ready values.

    defaulted: application id -> 0 or 1 where the outcome is known; then costs are also realised ones. Raises
    SettingsError where no decision was taken on any application of the range.
    """
    taken = taken_decisions(settings, security)
    would = candidate_decisions(settings, wanted, candidate, security, progress)
    place = {application_id: row for row, application_id in enumerate(taken.application_ids)}
    rows = [(row, place[name]) for row, name in enumerate(would.application_ids) if name in place]
    if not rows:
        raise SettingsError("no decision was taken on these applications yet; name a range that has been decided")
    pairs = np.array(rows, dtype=np.int64)
    report = compare(taken.take(pairs[:, 1]), would.take(pairs[:, 0]), defaulted)
    report["range"] = {str(partition): list(span) for partition, span in sorted(wanted.offsets.items())}
    report["not_decided_before"] = len(would) - len(rows)
    return report


def taken_decisions(settings: StreamingSettings, security: KafkaSecurity | None = None) -> Decisions:
    """Return the decisions that the audit record holds, the last one of each application."""
    columns: list[tuple[list[str], Any, Any, Any]] = []
    versions: set[str] = set()
    digests: set[str] = set()
    decided_ms, costs = 0, Costs()
    for record in read_topics(settings.bootstrap_servers, [settings.audit_topic], None, security):
        audit = decode_audit(record.value or b"")
        if audit.header["door"] == "replay" or not len(audit):
            continue
        if (last := int(audit.decided_ms.max())) >= decided_ms:
            decided_ms, costs = last, Policy(**audit.header["policy"]).costs
        versions.add(str(audit.header["model"]["version"]))
        digests.add(str(audit.header["model"]["digest"]))
        columns.append((audit.application_ids, audit.outcome, audit.probability, audit.reason_subject))
    return replace(_joined(columns, versions, digests), costs=costs)


def candidate_decisions(
    settings: StreamingSettings,
    wanted: ReplayRange,
    candidate: Decider,
    security: KafkaSecurity | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Decisions:
    """Decide the range with the candidate, in memory; what cannot be decided is left out."""
    patient, never = PatientDecider(candidate, settings.max_backoff_s), threading.Event()
    columns: list[tuple[list[str], Any, Any, Any]] = []
    versions: set[str] = set()
    digests: set[str] = set()
    done = 0
    for records in read_range(settings, wanted, security):
        intake = read_records(records)
        if intake.accepted:
            for stretch in patient.decide(intake.batch, never).stretches:
                batch = stretch.decisions
                versions.add(batch.model.version)
                digests.add(batch.model.digest)
                ids = batch.applications.application_ids
                columns.append((ids, batch.outcome, batch.probability, batch.reasons.subject))
        done += len(records)
        progress(done, len(wanted))
    return _joined(columns, versions, digests)


def _joined(columns: list[tuple[list[str], Any, Any, Any]], versions: set[str], digests: set[str]) -> Decisions:
    if not columns:
        return Decisions([], np.zeros(0, np.int8), np.zeros(0), np.zeros((0, 4), np.int16), versions, digests)
    ids = [name for some, *_ in columns for name in some]
    joined = Decisions(
        ids,
        np.concatenate([outcome for _, outcome, _, _ in columns]),
        np.concatenate([probability for _, _, probability, _ in columns]),
        np.concatenate([reasons for *_, reasons in columns]),
        versions,
        digests,
    )
    last = {name: row for row, name in enumerate(ids)}
    return joined if len(last) == len(ids) else joined.take(np.array(sorted(last.values()), dtype=np.int64))


def compare(taken: Decisions, would: Decisions, defaulted: dict[str, int] | None = None) -> dict[str, Any]:
    """Compare two decisions on each of the same n applications, row by row.

    PSI is the monitor's, on the deciles of what was decided. Both are held against the costs of the policy that decides
    today, as the monitor holds a challenger's, and both approve as many as were approved.
    """
    costs = taken.costs
    n = len(taken)
    flips = np.zeros((3, 3), dtype=np.int64)
    np.add.at(flips, (taken.outcome, would.outcome), 1)
    words = [outcome.word for outcome in Outcome]
    approved, would_approve = taken.outcome == Outcome.APPROVE, would.outcome == Outcome.APPROVE
    same_rate = np.argsort(would.probability, kind="stable")[: int(approved.sum())]
    approves = np.zeros(n, dtype=np.bool_)
    approves[same_rate] = True
    sets = [
        (set(a[a >= 0].tolist()), set(b[b >= 0].tolist())) for a, b in zip(taken.reasons, would.reasons, strict=True)
    ]
    report: dict[str, Any] = {
        "applications": n,
        "taken_by": sorted(taken.versions),
        "candidate": sorted(would.versions),
        "candidate_digests": sorted(would.digests),
        "outcome_flips": int(n - np.trace(flips)),
        "flips": {a: {b: int(flips[i, j]) for j, b in enumerate(words)} for i, a in enumerate(words)},
        "swap_in": _group(would, ~approved & would_approve, taken),
        "swap_out": _group(would, approved & ~would_approve, taken),
        "psi_of_probability": sample_psi(taken.probability, would.probability),
        "first_reason_changed": float((taken.reasons[:, 0] != would.reasons[:, 0]).mean()),
        "any_reason_changed": sum(a != b for a, b in sets) / n,
        "approval_rate": {
            "taken": float(approved.mean()),
            "candidate": float(would_approve.mean()),
        },
        "costs": asdict(costs),
        "expected_cost_at_taken_approval_rate": {
            "taken": expected_cost(taken.probability, ~approved, costs),
            "candidate": expected_cost(would.probability, ~approves, costs),
        },
    }
    known = np.array([name in (defaulted or {}) for name in taken.application_ids], dtype=np.bool_)
    if defaulted and known.any():
        truth = np.array([defaulted.get(name, 0) for name in taken.application_ids], dtype=np.float64)
        report["realised_cost_at_taken_approval_rate"] = {
            "labelled": int(known.sum()),
            "taken": expected_cost(truth[known], ~approved[known], costs),
            "candidate": expected_cost(truth[known], ~approves[known], costs),
        }
    return report


def _group(would: Decisions, rows: npt.NDArray[np.bool_], taken: Decisions) -> dict[str, float]:
    if not rows.any():
        return {"applications": 0}
    return {
        "applications": int(rows.sum()),
        "mean_probability_taken": float(taken.probability[rows].mean()),
        "mean_probability_candidate": float(would.probability[rows].mean()),
    }
