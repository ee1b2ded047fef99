"""What the API tells of how deciding goes at this moment, and the history of calls."""

from __future__ import annotations

from pydantic import Field

from desk.client.base import AnswerModel, DeskApi


class DoorFigures(AnswerModel):
    """One door's figures over some time."""

    door: str
    decisions: int
    per_second: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    approve: int
    refer: int
    decline: int
    degraded: int


class TimeBucket(DoorFigures):
    """One door's figures in one bucket of time; `begin` in milliseconds since the epoch."""

    begin: int = Field(alias="from")


class SeriesRecord(AnswerModel):
    """The last minutes in buckets by door, and their totals; a bucket in which nothing was decided is left out."""

    begin: int = Field(alias="from")
    end: int = Field(alias="to")
    step_s: int
    buckets: list[TimeBucket]
    totals: list[DoorFigures]


class ScoreBin(AnswerModel):
    """Decisions in one bin of the probability of default, by outcome."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")
    approve: int
    refer: int
    decline: int


class ScoresRecord(AnswerModel):
    """How the probabilities of the last minutes lie."""

    count: int
    bins: list[ScoreBin]


class CompletenessRecord(AnswerModel):
    """Whether every application has exactly one answer."""

    answered: int
    unanswered: int
    answered_twice: int
    checked_at: int


class LagRecord(AnswerModel):
    """Applications that wait for a decision, and for how long."""

    records: int
    seconds: float


class WindowRecord(AnswerModel):
    """One rolling window of the monitor, with its drift against the training rows."""

    window: str
    seconds: float
    count: int
    score_psi: float | None
    drifted_share: float | None


class DriftedFeature(AnswerModel):
    """One feature's population stability index."""

    feature: str
    psi: float | None


class DriftRecord(AnswerModel):
    """Drift, with the addresses of the monitor's page and of its last report."""

    model_version: str | None
    windows: list[WindowRecord]
    features: list[DriftedFeature]
    page: str
    report: str | None


class LedgerRecord(AnswerModel):
    """What the ledger holds, and what of it waits or could not be read."""

    decisions: int
    newest_decided_at: int | None
    unreadable: int
    waiting_answers: int
    unpublished_reviews: int


class AnsweredLately(AnswerModel):
    """Applications answered in the span that was asked for, and how many of them by a dead letter."""

    taken: int
    dead_letters: int


class HealthRecord(AnswerModel):
    """How the parts are; what the monitor tells is null while it does not answer."""

    monitor: str | None
    completeness: CompletenessRecord | None
    lag: LagRecord | None
    dead_letters: int | None
    unreadable: int | None
    drift: DriftRecord | None
    answered: AnsweredLately | None = None
    ledger: LedgerRecord


class OperationsClient:
    """Asks how deciding goes."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def series(self, minutes: float, step_s: int) -> SeriesRecord:
        return self._api.get("/v1/operations/series", SeriesRecord, {"minutes": minutes, "step_s": step_s})

    def scores(self, minutes: float) -> ScoresRecord:
        return self._api.get("/v1/operations/scores", ScoresRecord, {"minutes": minutes})

    def health(self, minutes: float) -> HealthRecord:
        return self._api.get("/v1/operations/health", HealthRecord, {"minutes": minutes})
