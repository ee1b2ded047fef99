"""Two decisions on each of the same applications, compared: those taken and a candidate's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.measures import expected_cost, sample_psi
from credit.policy import Costs, Outcome
from credit.reasons import MAX_REASONS
from credit.rehearsal import RealisedCost, RehearsalReport, RehearsedSwap, TakenAndCandidate

Rows = npt.NDArray[np.bool_]


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
        """Return the decisions at `rows`, in that order."""
        ids = [self.application_ids[row] for row in rows]
        columns = self.outcome[rows], self.probability[rows], self.reasons[rows]
        return Decisions(ids, *columns, self.versions, self.digests, self.costs)

    @classmethod
    def joined(cls, pieces: Sequence[Decisions], costs: Costs | None = None) -> Decisions:
        """Return the last decision of each application in all pieces; costs: the policy's, or the usual ones."""
        costs = costs or Costs()
        if not pieces:
            nothing = np.zeros(0, np.int8), np.zeros(0), np.zeros((0, MAX_REASONS), np.int16)
            return cls([], *nothing, set(), set(), costs)
        ids = [name for piece in pieces for name in piece.application_ids]
        whole = cls(
            ids,
            np.concatenate([piece.outcome for piece in pieces]),
            np.concatenate([piece.probability for piece in pieces]),
            np.concatenate([piece.reasons for piece in pieces]),
            set().union(*(piece.versions for piece in pieces)),
            set().union(*(piece.digests for piece in pieces)),
            costs,
        )
        last = {name: row for row, name in enumerate(ids)}
        return whole if len(last) == len(ids) else whole.take(np.array(sorted(last.values()), dtype=np.int64))


def compare(taken: Decisions, would: Decisions, defaulted: dict[str, int] | None = None) -> RehearsalReport:
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
    at_taken_rate = np.zeros(n, dtype=np.bool_)
    at_taken_rate[np.argsort(would.probability, kind="stable")[: int(approved.sum())]] = True
    sets = [
        (set(a[a >= 0].tolist()), set(b[b >= 0].tolist())) for a, b in zip(taken.reasons, would.reasons, strict=True)
    ]
    return RehearsalReport(
        applications=n,
        taken_by=tuple(sorted(taken.versions)),
        candidate=tuple(sorted(would.versions)),
        candidate_digests=tuple(sorted(would.digests)),
        outcome_flips=int(n - np.trace(flips)),
        flips={a: {b: int(flips[i, j]) for j, b in enumerate(words)} for i, a in enumerate(words)},
        swap_in=_swap(taken, would, ~approved & would_approve),
        swap_out=_swap(taken, would, approved & ~would_approve),
        psi_of_probability=sample_psi(taken.probability, would.probability),
        first_reason_changed=float((taken.reasons[:, 0] != would.reasons[:, 0]).mean()),
        any_reason_changed=sum(a != b for a, b in sets) / n,
        approval_rate=TakenAndCandidate(taken=float(approved.mean()), candidate=float(would_approve.mean())),
        costs=costs,
        expected_cost_at_taken_approval_rate=TakenAndCandidate(
            taken=expected_cost(taken.probability, ~approved, costs),
            candidate=expected_cost(would.probability, ~at_taken_rate, costs),
        ),
        realised_cost_at_taken_approval_rate=_realised(taken, approved, at_taken_rate, defaulted or {}),
    )


def _realised(taken: Decisions, approved: Rows, would_approve: Rows, defaulted: dict[str, int]) -> RealisedCost | None:
    known = np.array([name in defaulted for name in taken.application_ids], dtype=np.bool_)
    if not known.any():
        return None
    truth = np.array([defaulted.get(name, 0) for name in taken.application_ids], dtype=np.float64)[known]
    return RealisedCost(
        labelled=int(known.sum()),
        taken=expected_cost(truth, ~approved[known], taken.costs),
        candidate=expected_cost(truth, ~would_approve[known], taken.costs),
    )


def _swap(taken: Decisions, would: Decisions, rows: Rows) -> RehearsedSwap:
    if not rows.any():
        return RehearsedSwap(applications=0)
    return RehearsedSwap(
        applications=int(rows.sum()),
        mean_probability_taken=float(taken.probability[rows].mean()),
        mean_probability_candidate=float(would.probability[rows].mean()),
    )
