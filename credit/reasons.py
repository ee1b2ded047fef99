"""From exact contributions to at most four principal reasons that an applicant can use.

Regulation B (12 CFR 1002.9 and its commentary) asks for the specific, principal reasons of an adverse action, four as a
rule at most. A reason here is a subject that an applicant would recognise, whose features together pushed the risk the
way of the outcome, and whose neutralising truly moves the model's score back: the last is checked on the model, since
interacting features can make a contribution that no change of theirs would undo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.features.catalog import Catalog
from credit.policy import Outcome

MAX_REASONS = 4
# Subjects tried for each decision before giving up: enough that one which fails the check can be replaced.
_MAX_CANDIDATES = 6
# What explains less than this part of the push is noise to an applicant, unless nothing explains more.
_MIN_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Reasons:
    """Principal reasons of n decisions, strongest first; unused places hold subject -1.

    subject, feature: int16[n, 4], places in the catalog's subjects and the model's features; share: float64[n, 4], the
    part of all push in that direction; value, typical: float64[n, 4], the feature's value and a typical one.
    """

    subject: npt.NDArray[np.int16]
    feature: npt.NDArray[np.int16]
    share: FloatArray
    value: FloatArray
    typical: FloatArray

    @property
    def given(self) -> npt.NDArray[np.bool_]:
        """bool[n], whether a decision has any reason."""
        return self.subject[:, 0] >= 0

    @staticmethod
    def none(n: int) -> Reasons:
        """Return the reasons of n decisions that have none."""
        empty = np.full((n, MAX_REASONS), -1, dtype=np.int16)
        blank = np.full((n, MAX_REASONS), np.nan)
        return Reasons(empty, empty.copy(), np.zeros((n, MAX_REASONS)), blank, blank.copy())


@dataclass(frozen=True, slots=True)
class ReasonTable:
    """What the reasons of one model need to know of its features.

    subject_of: int64[f], each feature's subject; speakable: bool[subjects], False where the subject is protected or has
    no feature in the model that may be named; typical: float64[f], NaN where missing is typical.
    """

    subject_of: IntArray
    speakable: npt.NDArray[np.bool_]
    typical: FloatArray
    _columns: IntArray = field(init=False, repr=False)  # all features, by subject
    _begins: IntArray = field(init=False, repr=False)  # where in them each subject's begin
    _subjects: IntArray = field(init=False, repr=False)  # whose features those are

    def __post_init__(self) -> None:
        columns = np.argsort(self.subject_of, kind="stable")
        subjects, begins = np.unique(self.subject_of[columns], return_index=True)
        for name, value in (("_columns", columns), ("_begins", begins), ("_subjects", subjects)):
            object.__setattr__(self, name, value)

    def push(self, signed: FloatArray) -> FloatArray:
        """Return each subject's part of contributions float64[n, f]: float64[n, subjects], a row whatever n is."""
        push = np.zeros((len(signed), len(self.speakable)))
        push[:, self._subjects] = np.add.reduceat(np.take(signed, self._columns, axis=1), self._begins, axis=1)
        return push

    @staticmethod
    def of(catalog: Catalog, features: tuple[str, ...], typical: FloatArray) -> ReasonTable:
        """Build the table for a model's features, in the booster's order."""
        place = {key: i for i, key in enumerate(catalog.subjects)}
        chosen = [catalog[name] for name in features]
        subject_of = np.array([place[f.subject] for f in chosen], dtype=np.int64)
        speakable = np.array([not s.protected for s in catalog.subjects.values()])
        # A protected feature makes its whole subject unspeakable: part of the push would be the protected attribute's.
        for feature in chosen:
            if feature.protected:
                speakable[place[feature.subject]] = False
        return ReasonTable(subject_of, speakable, typical)


def principal_reasons(
    table: ReasonTable,
    contributions: FloatArray,
    features: FloatArray,
    raw: FloatArray,
    outcome: npt.NDArray[np.int8],
    rescore: Callable[[FloatArray], FloatArray],
) -> tuple[Reasons, int]:
    """Return the principal reasons of n decisions, and how many candidates failed the counterfactual check.

    contributions, features: float64[n, f]; raw: float64[n], the booster's score in log-odds; rescore gives the raw
    scores of float64[m, f]. For declines and referrals reasons are what pushed to default, for approvals what spoke
    against it. A row may end without reasons, where no subject passes.
    """
    n = contributions.shape[0]
    reasons = Reasons.none(n)
    if n == 0:
        return reasons, 0
    adverse = outcome != Outcome.APPROVE
    sign = np.where(adverse, 1.0, -1.0)
    signed = contributions * sign[:, None]
    push = table.push(signed)
    total = np.maximum(push, 0.0).sum(axis=1)
    push[:, ~table.speakable] = -np.inf
    order = np.argsort(-push, axis=1, kind="stable")[:, :_MAX_CANDIDATES]

    filled = np.zeros(n, dtype=np.int64)
    failures = 0
    everyone = np.arange(n)
    for rank in range(order.shape[1]):
        subject = order[:, rank]
        strength = push[everyone, subject]
        worth = (strength > 0) & ((strength >= _MIN_SHARE * total) | (filled == 0))
        rows = np.flatnonzero(worth & (filled < MAX_REASONS))
        if rows.size == 0:
            break
        chosen = subject[rows]
        member = table.subject_of[None, :] == chosen[:, None]
        neutral = np.where(member, table.typical[None, :], features[rows])
        moved = (raw[rows] - rescore(np.ascontiguousarray(neutral))) * sign[rows]
        holds = moved > 0
        failures += int(rows.size - holds.sum())
        rows, chosen, member = rows[holds], chosen[holds], member[holds]
        strongest = np.where(member, signed[rows], -np.inf).argmax(axis=1)
        place = filled[rows]
        reasons.subject[rows, place] = chosen
        reasons.feature[rows, place] = strongest
        reasons.share[rows, place] = strength[rows] / total[rows]
        reasons.value[rows, place] = features[rows, strongest]
        reasons.typical[rows, place] = table.typical[strongest]
        filled[rows] += 1
    return reasons, failures
