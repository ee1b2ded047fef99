"""What a registry's tags tell of a version's life: when it came to decide, by which gates, and how rehearsals went.

`training` writes the tags when it registers and promotes, serving reads them back; a version that was promoted by an
older version of Loanstream, or by hand, has none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from credit.rehearsal import RehearsalReport

log = logging.getLogger(__name__)

PROMOTED_AT, PROMOTION_GATES = "promoted_at", "promotion_gates"
_REHEARSAL = "rehearsal."


class PassedGate(BaseModel):
    """One gate at a promotion: the version's figure, the bound, and whether it was kept."""

    model_config = ConfigDict(frozen=True)

    gate: str
    figure: float | None
    bound: float | None
    passed: bool


class RehearsalSummary(BaseModel):
    """One rehearsal that a promotion was asked for with; costs are an application's, at the approval rate taken."""

    model_config = ConfigDict(frozen=True)

    made_at: datetime | None
    applications: int
    outcome_flips: int
    psi: float
    cost_taken: float
    cost_candidate: float

    @staticmethod
    def of(report: RehearsalReport) -> RehearsalSummary:
        cost = report.expected_cost_at_taken_approval_rate
        return RehearsalSummary(
            made_at=report.made_at,
            applications=report.applications,
            outcome_flips=report.outcome_flips,
            psi=report.psi_of_probability,
            cost_taken=cost.taken,
            cost_candidate=cost.candidate,
        )


_GATES = TypeAdapter(tuple[PassedGate, ...])


def promotion_tags(gates: Iterable[PassedGate] = (), at: datetime | None = None) -> dict[str, str]:
    """Return the tags of a version that decides from now on; no gates where nothing decided before it."""
    when = (at or datetime.now(UTC)).isoformat(timespec="seconds")
    return {PROMOTED_AT: when, PROMOTION_GATES: _GATES.dump_json(tuple(gates)).decode()}


def rehearsal_tag(report: RehearsalReport) -> dict[str, str]:
    """Return the tag of a rehearsal, named by its time: an older one keeps its own."""
    at = report.made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") if report.made_at else "undated"
    return {_REHEARSAL + at: RehearsalSummary.of(report).model_dump_json()}


def gates_of(tags: Mapping[str, str]) -> tuple[PassedGate, ...]:
    """Return the gates of a version's last promotion; empty where the tags say nothing that can be read."""
    try:
        return _GATES.validate_json(tags.get(PROMOTION_GATES, "[]"))
    except ValidationError:
        log.warning("the tag %s of a version cannot be read and is left out", PROMOTION_GATES)
        return ()


def rehearsals_of(tags: Mapping[str, str]) -> tuple[RehearsalSummary, ...]:
    """Return a version's rehearsals, oldest first; what cannot be read is left out."""
    found = []
    for name in sorted(tags):
        if name.startswith(_REHEARSAL):
            try:
                found.append(RehearsalSummary.model_validate_json(tags[name]))
            except ValidationError:
                log.warning("the tag %s of a version cannot be read and is left out", name)
    return tuple(found)
