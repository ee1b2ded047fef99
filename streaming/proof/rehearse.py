"""Rehearsal: what would have been decided by a candidate, beside what was decided, before it decides anything.

Reads a range of the applications topic and the audit record of the decisions taken, decides the same applications with
the candidate in memory, and compares. The report is signed, so that a promotion can require it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.errors import SettingsError
from credit.policy import Outcome
from credit.wire.audit import decode_audit
from streaming.batch.deciding import Decider, PatientDecider
from streaming.batch.intake import read_records
from streaming.kafka.security import KafkaSecurity
from streaming.proof.readback import read_topics
from streaming.proof.replay import ReplayRange, read_range
from streaming.settings import StreamingSettings

_BINS = 10
_FALSE_NEGATIVE_COST, _FALSE_POSITIVE_COST = 10.0, 1.0


@dataclass(slots=True)
class Decisions:
    """n decisions in columns: ids; outcome int8[n]; probability float64[n]; reasons int16[n, 4], unused places -1.

    versions, digests: of the models that decided them.
    """

    application_ids: list[str]
    outcome: npt.NDArray[np.int8]
    probability: FloatArray
    reasons: npt.NDArray[np.int16]
    versions: set[str]
    digests: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.application_ids)

    def take(self, rows: npt.NDArray[np.int64]) -> Decisions:
        ids = [self.application_ids[row] for row in rows]
        columns = self.outcome[rows], self.probability[rows], self.reasons[rows]
        return Decisions(ids, *columns, self.versions, self.digests)


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
    for record in read_topics(settings.bootstrap_servers, [settings.audit_topic], None, security):
        audit = decode_audit(record.value)
        if audit.header["door"] == "replay" or not len(audit):
            continue
        versions.add(str(audit.header["model"]["version"]))
        digests.add(str(audit.header["model"]["digest"]))
        columns.append((audit.application_ids, audit.outcome, audit.probability, audit.reason_subject))
    return _joined(columns, versions, digests)


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
            for _, batch in patient.decide(intake.batch, never).parts:
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
    """Compare two decisions on each of the same n applications, row by row."""
    n = len(taken)
    flips = np.zeros((3, 3), dtype=np.int64)
    np.add.at(flips, (taken.outcome, would.outcome), 1)
    words = [outcome.word for outcome in Outcome]
    approved = float((taken.outcome == Outcome.APPROVE).mean())
    same_rate = np.argsort(would.probability, kind="stable")[: int((taken.outcome == Outcome.APPROVE).sum())]
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
        "swap_in": _group(would, (taken.outcome != Outcome.APPROVE) & (would.outcome == Outcome.APPROVE), taken),
        "swap_out": _group(would, (taken.outcome == Outcome.APPROVE) & (would.outcome != Outcome.APPROVE), taken),
        "psi_of_probability": psi(taken.probability, would.probability),
        "first_reason_changed": float((taken.reasons[:, 0] != would.reasons[:, 0]).mean()),
        "any_reason_changed": sum(a != b for a, b in sets) / n,
        "approval_rate": {"taken": approved, "candidate": float((would.outcome == Outcome.APPROVE).mean())},
        "expected_cost_at_taken_approval_rate": {
            "taken": _cost(taken.probability, taken.outcome == Outcome.APPROVE),
            "candidate": _cost(would.probability, approves),
        },
    }
    known = np.array([name in (defaulted or {}) for name in taken.application_ids], dtype=np.bool_)
    if defaulted and known.any():
        truth = np.array([defaulted.get(name, 0) for name in taken.application_ids], dtype=np.float64)
        report["realised_cost_at_taken_approval_rate"] = {
            "labelled": int(known.sum()),
            "taken": _cost(truth[known], (taken.outcome == Outcome.APPROVE)[known]),
            "candidate": _cost(truth[known], approves[known]),
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


def _cost(default: FloatArray, approves: npt.NDArray[np.bool_]) -> float:
    """Mean cost an application: 10 for each default approved, 1 for each good one turned away."""
    cost = np.where(approves, _FALSE_NEGATIVE_COST * default, _FALSE_POSITIVE_COST * (1 - default))
    return float(cost.mean())


def psi(reference: FloatArray, other: FloatArray) -> float:
    """Return the population stability index of two samples over the reference's deciles.

    Source: Siddiqi, Credit Risk Scorecards (2006), ch. 9. Half a case in an empty bin keeps it finite.
    """
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, _BINS + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, x, side="right"), minlength=len(edges) + 1) for x in (reference, other)
    ]
    p, q = ((c + 0.5) / (c.sum() + 0.5 * len(c)) for c in counts)
    return float(((p - q) * np.log(p / q)).sum())
