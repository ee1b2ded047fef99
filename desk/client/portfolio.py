"""What the API counts of the portfolio: key figures, themes and thresholds."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pydantic import Field

from desk.client.base import AnswerModel, DeskApi, Query

Told = float | int | str | None


@dataclass(frozen=True, slots=True)
class PortfolioQuery:
    """What is counted: decisions stored, or the labelled clients on file, under filters; times in milliseconds."""

    source: str = "decisions"
    amount_from: float | None = None
    amount_to: float | None = None
    income_from: float | None = None
    income_to: float | None = None
    family: str | None = None
    contract: str | None = None
    outcome: str | None = None
    decided_from: int | None = None
    decided_to: int | None = None

    def query(self, *, outcome: bool = True) -> Query:
        """Return what the API is asked with; a threshold decides the outcome, so it is asked without."""
        given = asdict(self)
        given |= {"from": given.pop("decided_from"), "to": given.pop("decided_to")}
        return given if outcome else given | {"outcome": None}


class BandRecord(AnswerModel):
    """One band of a theme; a rate over too few is null."""

    band: str
    low: float | None = Field(alias="from")
    high: float | None = Field(alias="to")
    count: int
    approved: int | None
    approval_rate: float | None
    approval_low: float | None
    approval_high: float | None
    observed: int
    defaults: int | None
    default_rate: float | None
    default_low: float | None
    default_high: float | None
    mean_probability: float | None
    amount: float | None
    expected_cost: float | None


class FoundRecord(AnswerModel):
    """A finding or a recommendation: a code with its numbers; a recommendation has a horizon."""

    code: str
    values: dict[str, Told]
    horizon: str | None = None


class ThemeRecord(AnswerModel):
    """One theme: its bands, what they say, and what may be done."""

    theme: str
    ordered: bool
    protected: bool
    bands: list[BandRecord]
    findings: list[FoundRecord]
    recommendations: list[FoundRecord]


class PeriodRecord(AnswerModel):
    """One stretch of time of the overview."""

    begin: int = Field(alias="from")
    count: int
    approval_rate: float | None
    approval_low: float | None
    approval_high: float | None
    observed: int
    default_rate: float | None
    default_low: float | None
    default_high: float | None
    mean_probability: float | None


class OverviewRecord(AnswerModel):
    """The key figures."""

    count: int
    approved: int
    referred: int
    declined: int
    approval_rate: float | None
    approval_low: float | None
    approval_high: float | None
    refer_rate: float | None
    decline_rate: float | None
    observed: int
    defaults: int
    default_rate: float | None
    default_low: float | None
    default_high: float | None
    approved_default_rate: float | None
    mean_probability: float | None
    expected_cost: float
    expected_cost_per_application: float | None
    mean_amount: float | None
    amount_approved: float
    threshold: float
    first_decided_at: int | None
    last_decided_at: int | None
    series: list[PeriodRecord]
    model_version: str | None = None


class ThresholdPoint(AnswerModel):
    """What one threshold would have cost."""

    threshold: float
    cost: float
    approval_rate: float
    defaults: float
    declined_good: float


class ThresholdRecord(AnswerModel):
    """Costs along the threshold; `basis` is observed or expected defaults."""

    basis: str
    rows: int
    current: float
    refer_from: float
    decline_from: float
    cheapest: float | None
    false_negative_cost: float
    false_positive_cost: float
    thresholds: list[ThresholdPoint]


class ChoicesRecord(AnswerModel):
    """What the filters take."""

    themes: list[str]
    amount: list[float]
    income: list[float]
    family: list[str]
    contract: list[str]


class PortfolioClient:
    """Asks for the portfolio."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def choices(self) -> ChoicesRecord:
        return self._api.get("/v1/portfolio/choices", ChoicesRecord)

    def overview(self, wanted: PortfolioQuery) -> OverviewRecord:
        return self._api.get("/v1/portfolio/overview", OverviewRecord, wanted.query())

    def theme(self, theme: str, wanted: PortfolioQuery) -> ThemeRecord:
        return self._api.get(f"/v1/portfolio/themes/{theme}", ThemeRecord, wanted.query())

    def thresholds(self, wanted: PortfolioQuery) -> ThresholdRecord:
        return self._api.get("/v1/portfolio/thresholds", ThresholdRecord, wanted.query(outcome=False))
