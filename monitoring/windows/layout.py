"""What one pane counts, as one vector of integers, so that panes merge by adding and a snapshot is an array."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray
from credit.decision import Mode
from credit.policy import Outcome
from monitoring.drift.bins import ReferenceBins
from monitoring.drift.cells import CELLS, Counts
from monitoring.drift.reference import Reference

DOORS = ("kafka", "http", "replay")
MAX_SUBJECTS = 64
# Probabilities of default crowd near nought, so the grid is even on their square root: 0.003 wide at 8 %.
GRID = 200


@dataclass(frozen=True)
class DecisionRows:
    """Columns of n decisions by one model version, as the fold counts them (see `credit.wire.audit.AuditRecord`)."""

    features: FloatArray
    probability: FloatArray
    outcome: npt.NDArray[np.int8]
    mode: npt.NDArray[np.int8]
    door: npt.NDArray[np.int8]
    subject: npt.NDArray[np.int16]

    def take(self, rows: npt.NDArray[np.bool_]) -> DecisionRows:
        """Return the decisions that `rows` marks."""
        if rows.all():
            return self
        return DecisionRows(
            self.features[rows],
            self.probability[rows],
            self.outcome[rows],
            self.mode[rows],
            self.door[rows],
            self.subject[rows],
        )


@dataclass(frozen=True)
class PaneLayout:
    """Where each count stands in a pane of a model version's decisions."""

    reference: Reference

    @cached_property
    def sections(self) -> dict[str, tuple[slice, tuple[int, ...]]]:
        """Each section's place in the vector and its shape."""
        shapes = {
            "features": (len(self.reference.bins.names), CELLS),
            "score": (1, CELLS),
            "grid": (GRID,),
            "outcome": (len(Outcome), len(DOORS)),
            "mode": (len(Mode),),
            # Reasons that spoke for an approval, then those that spoke against one.
            "reason": (2, MAX_SUBJECTS),
            "group": (len(self.reference.groups), CELLS, len(Outcome)),
        }
        places: dict[str, tuple[slice, tuple[int, ...]]] = {}
        start = 0
        for name, shape in shapes.items():
            size = int(np.prod(shape))
            places[name] = (slice(start, start + size), shape)
            start += size
        return places

    @cached_property
    def cells(self) -> int:
        return max(int(place.stop) for place, _ in self.sections.values())

    def section(self, name: str, vector: Counts) -> Counts:
        """Return one section of a pane's vector, in its shape."""
        place, shape = self.sections[name]
        return vector[place].reshape(shape)

    def count(self, rows: DecisionRows) -> Counts:
        """Count n decisions: int64[cells]."""
        vector = np.zeros(self.cells, dtype=np.int64)
        reference, outcome = self.reference, rows.outcome.astype(np.int64)
        counted = {
            "features": reference.bins.count(rows.features),
            "score": reference.score_bins.count(rows.probability[:, None]),
            "grid": np.bincount(grid_cell(rows.probability), minlength=GRID),
            "outcome": np.bincount(outcome * len(DOORS) + rows.door, minlength=len(Outcome) * len(DOORS)),
            "mode": np.bincount(rows.mode, minlength=len(Mode)),
            "reason": _count_reasons(rows.subject, outcome),
            "group": self._count_groups(rows.features, outcome),
        }
        for name, counts in counted.items():
            vector[self.sections[name][0]] = counts.reshape(-1)
        return vector

    def _count_groups(self, features: FloatArray, outcome: npt.NDArray[np.int64]) -> Counts:
        groups = self.reference.groups
        counts = np.zeros((len(groups), CELLS, len(Outcome)), dtype=np.int64)
        for place, column in enumerate(groups):
            for code in range(len(Outcome)):
                chosen = features[outcome == code][:, [column]]
                counts[place, :, code] = _one_column(self.reference, column).count(chosen)[0]
        return counts


def _one_column(reference: Reference, column: int) -> ReferenceBins:
    bins = reference.bins
    code_bin = {0: bins.code_bin[column]} if column in bins.code_bin else {}
    one = slice(column, column + 1)
    return ReferenceBins((bins.names[column],), bins.edges[one], bins.low[one], bins.high[one], code_bin)


def grid_cell(probability: FloatArray) -> npt.NDArray[np.int64]:
    """Return the place of each probability on the grid."""
    place = np.sqrt(np.clip(np.nan_to_num(probability), 0.0, 1.0)) * GRID
    return np.minimum(place.astype(np.int64), GRID - 1)


def grid_probability() -> FloatArray:
    """Return the probability in the middle of each cell of the grid: float64[GRID]."""
    return np.asarray(((np.arange(GRID) + 0.5) / GRID) ** 2, dtype=np.float64)


def _count_reasons(subject: npt.NDArray[np.int16], outcome: npt.NDArray[np.int64]) -> Counts:
    side = np.where(outcome == Outcome.APPROVE, 0, 1)[:, None]
    place = side * MAX_SUBJECTS + subject
    given = (subject >= 0) & (subject < MAX_SUBJECTS)
    return np.bincount(place[given].astype(np.int64), minlength=2 * MAX_SUBJECTS)
