"""Bodies of the routes that tell of the model, as the API's documentation shows them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit.evaluation import CalibrationPoint, GroupMeasures, MeasuredValue
from credit.features.catalog import Source
from credit.features.units import ColumnKind, ColumnUnit
from credit.policy import Policy
from credit.wire.application import ApplicationMessage, ClientId
from registered_model.version_history import PassedGate, RehearsalSummary

MOST_FEATURES, MOST_APPLICANTS = 16, 5000

FeatureName = Annotated[str, Field(min_length=1, max_length=80, pattern="^[A-Za-z0-9_]+$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
OutcomeWord = Literal["approve", "refer", "decline"]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ClientIdsAnswer(_Answer):
    """Clients with an application on file, shortest ids first."""

    clients: list[int]


class ColumnAction(_Answer):
    """What an applicant can do about a column, and how far; factors of the old value where `relative`."""

    name: str
    direction: Literal[-1, 0, 1]
    lowest: float
    highest: float
    relative: bool
    description: str


class ColumnAnswer(_Answer):
    """One column of the application; what was seen of it in the reference sample is null where it is not in there."""

    name: str
    kind: ColumnKind
    required: bool
    categories: list[str]
    unit: ColumnUnit | None = Field(description="days count back from the application, so they are negative.")
    description: str
    subject: str
    protected: bool = Field(description="Whether it is an attribute that no model reads unless a setting says so.")
    actionable: ColumnAction | None
    minimum: float | None
    maximum: float | None
    low: float | None = Field(description="1st percentile: where a slider may begin.")
    high: float | None = Field(description="99th percentile.")
    typical: float | str | None = Field(description="Median of a number, most common category.")


class FeatureAnswer(_Answer):
    """One feature that the model reads."""

    name: str
    source: Source
    subject: str
    description: str
    definition: str
    categories: list[str]
    direction: Literal[-1, 0, 1] = Field(description="The side to which a constraint holds the risk, 0 for none.")
    typical: float | str | None = Field(description="Null where it is missing for most.")
    importance: float | None = Field(description="Mean absolute contribution over the sample, log-odds.")


class SubjectAnswer(_Answer):
    """One subject that a reason can name."""

    code: str
    subject: str
    text: str = Field(description="What a decline or a referral says.")
    favourable: str = Field(description="What an approval says.")
    protected: bool


class CatalogAnswer(_Answer):
    """Columns in the application's order, features by importance, subjects by code."""

    columns: list[ColumnAnswer]
    features: list[FeatureAnswer]
    reasons: list[SubjectAnswer]
    rows: int = Field(description="Applicants of the reference sample.")


class ModelPageAnswer(_Answer):
    """All that is told of the model that decides; measured on training rows that it had not seen."""

    name: str
    version: str
    digest: str
    catalog_hash: str
    data_digest: str
    policy_digest: str
    trained_at: str
    policy: Policy
    features: int
    rows: int | None
    default_rate: float | None
    folds: int | None
    measures: dict[str, MeasuredValue]
    calibration_method: str
    calibration: list[CalibrationPoint]
    fairness: list[GroupMeasures]
    adverse_impact: dict[str, float]
    documents: Literal["checked", "none", "altered"] = Field(
        description="Whether evaluation and card are what training wrote; none for a model of an older version."
    )
    card: str | None = Field(description="The model card, Markdown.")


class ForcedPromotion(_Answer):
    """Who promoted past failed gates, and why."""

    reason: str | None
    by: str | None
    at: str | None
    gates: str | None


class VersionAnswer(_Answer):
    """One registered version."""

    version: str
    aliases: list[str]
    created_at: str
    digest: str | None
    measures: dict[str, float]
    promoted_at: str | None
    gates: list[PassedGate] = Field(description="Of its last promotion; none where nothing decided before it.")
    forced: ForcedPromotion | None
    rehearsals: list[RehearsalSummary]


class FeaturePoint(_Answer):
    """One applicant's value (a category's place in `categories`) and contribution in log-odds."""

    value: float | None
    contribution: float


class ImportantFeature(_Answer):
    """One feature with its mean absolute contribution, and the same applicants as every other's."""

    feature: str
    description: str
    subject: str
    categories: list[str]
    mean_abs: float
    points: list[FeaturePoint]


class ImportanceAnswer(_Answer):
    """What moves scores most over the reference sample."""

    features: list[ImportantFeature]
    rows: int
    base_value: float = Field(description="The model's expected raw score, log-odds.")
    total_mean_abs: float = Field(description="Over all features, those not listed included.")


class DependencePoint(FeaturePoint):
    """A point, and a category's word."""

    word: str | None


class DependenceAnswer(_Answer):
    """How a feature's contribution depends on its value."""

    feature: str
    description: str
    categories: list[str]
    points: list[DependencePoint]


class SampleAnswer(_Answer):
    """Anonymous applicants of the reference sample, in lists of one order."""

    columns: dict[str, list[float | str | None]]
    probability: list[float]
    outcome: list[OutcomeWord] = Field(description="What the policy proposes for them.")
    defaulted: list[bool] | None = Field(description="What happened.")
    rows: int


class SimilarAnswer(SampleAnswer):
    """The applicants nearest to one, nearest first."""

    distance: list[float] = Field(description="0 for the same to 1: the mean of the features' differences.")
    client: dict[str, float | str | None]
    percentiles: dict[str, float | None] = Field(description="Share of the sample below; null for a category.")
    compared: int


class SimilarRequest(_Answer):
    """Names an applicant: by the client on file, by an application, or by features."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"sk_id_curr": 100001, "by": ["AMT_CREDIT", "AMT_INCOME_TOTAL"]}]},
    )

    sk_id_curr: ClientId | None = None
    application: ApplicationMessage | None = None
    features: dict[FeatureName, Finite | str | None] | None = Field(default=None, max_length=MOST_FEATURES)
    by: list[FeatureName] = Field(min_length=1, max_length=MOST_FEATURES, description="What nearness is judged by.")
    show: list[FeatureName] = Field(default=[], max_length=MOST_FEATURES, description="What is told beside that.")
    count: int = Field(default=200, ge=1, le=MOST_APPLICANTS)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(one is not None for one in (self.sk_id_curr, self.application, self.features)) != 1:
            raise ValueError("give one of sk_id_curr, application and features")
        return self
