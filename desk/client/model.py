"""What the API tells of the model that decides, and of the applicants it was measured on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from desk.client.base import AnswerModel, DeskApi

Value = float | str | None


class PolicyRecord(AnswerModel):
    """The policy's bands, shares of one."""

    threshold: float
    refer_from: float
    decline_from: float
    false_negative_cost: float
    false_positive_cost: float


class MeasureRecord(AnswerModel):
    """A measure and its interval of 95 %, where it is known."""

    value: float
    low: float | None = None
    high: float | None = None


class CalibrationRecord(AnswerModel):
    """One bin of applicants of like probability: what was predicted, and what happened."""

    predicted: float
    observed: float
    low: float
    high: float
    count: int


class GroupRecord(AnswerModel):
    """How decisions fall on one group."""

    attribute: str
    group: str
    count: int
    default_rate: float
    default_low: float
    default_high: float
    approval_rate: float
    approval_low: float
    approval_high: float
    auc: float | None = None
    false_declines: float | None = None
    false_approvals: float | None = None


class ModelRecord(AnswerModel):
    """All of the model that decides now."""

    name: str
    version: str
    digest: str
    data_digest: str
    policy_digest: str
    trained_at: str
    policy: PolicyRecord
    features: int
    rows: int | None
    default_rate: float | None
    folds: int | None
    measures: dict[str, MeasureRecord]
    calibration_method: str
    calibration: list[CalibrationRecord]
    fairness: list[GroupRecord]
    adverse_impact: dict[str, float]
    documents: str
    card: str | None


class GateRecord(AnswerModel):
    """One gate of a promotion."""

    gate: str
    figure: float | None
    bound: float | None
    passed: bool


class RehearsalRecord(AnswerModel):
    """One rehearsal of a version on past applications."""

    made_at: str | None
    applications: int
    outcome_flips: int
    psi: float
    cost_taken: float
    cost_candidate: float


class VersionRecord(AnswerModel):
    """One registered version; `forced` says who promoted it past failed gates, and why."""

    version: str
    aliases: list[str]
    created_at: str
    measures: dict[str, float]
    promoted_at: str | None
    gates: list[GateRecord]
    forced: dict[str, str | None] | None
    rehearsals: list[RehearsalRecord]


class InfluencePoint(AnswerModel):
    """One applicant's value (a category's place in `categories`) and contribution in log-odds."""

    value: float | None
    contribution: float
    word: str | None = None


class FeatureInfluence(AnswerModel):
    """One feature over the reference sample."""

    feature: str
    description: str
    categories: list[str]
    mean_abs: float
    points: list[InfluencePoint]


class GlobalInfluence(AnswerModel):
    """What moves scores most over the reference sample."""

    features: list[FeatureInfluence]
    rows: int
    base_value: float
    total_mean_abs: float


class FeatureDependence(AnswerModel):
    """How one feature's contribution depends on its value."""

    feature: str
    description: str
    categories: list[str]
    points: list[InfluencePoint]


class SampleRecord(AnswerModel):
    """Anonymous applicants, in lists of one order; `outcome` is what the policy proposes for them."""

    columns: dict[str, list[Value]]
    probability: list[float]
    outcome: list[str]
    defaulted: list[bool] | None
    rows: int


class NearestRecord(SampleRecord):
    """The applicants nearest to a client, nearest first; `percentiles` are shares of all below the client."""

    distance: list[float]
    client: dict[str, Value]
    percentiles: dict[str, float | None]
    compared: int


class CatalogColumn(AnswerModel):
    """One column of the application."""

    name: str
    kind: str
    categories: list[str]
    unit: str | None
    description: str
    subject: str
    protected: bool
    minimum: float | None
    maximum: float | None
    low: float | None
    high: float | None
    typical: Value


class CatalogFeature(AnswerModel):
    """One feature that the model reads."""

    name: str
    source: str
    subject: str
    description: str
    definition: str
    categories: list[str]
    typical: Value
    importance: float | None


class CatalogRecord(AnswerModel):
    """Columns in the application's order, features by importance."""

    columns: list[CatalogColumn]
    features: list[CatalogFeature]
    rows: int = 0
    reasons: list[dict[str, Any]] = Field(default_factory=list)


class ModelClient:
    """Asks for the model."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def model(self) -> ModelRecord:
        return self._api.get("/v1/model", ModelRecord)

    def versions(self) -> list[VersionRecord]:
        return self._api.get("/v1/model/versions", list[VersionRecord])

    def catalog(self) -> CatalogRecord:
        return self._api.get("/v1/catalog", CatalogRecord)

    def importance(self, top: int = 20, points: int = 300) -> GlobalInfluence:
        return self._api.get("/v1/model/importance", GlobalInfluence, {"top": top, "points": points})

    def dependence(self, feature: str) -> FeatureDependence:
        return self._api.get("/v1/model/dependence", FeatureDependence, {"feature": feature})

    def sample(self, features: list[str], limit: int = 2000) -> SampleRecord:
        return self._api.get("/v1/model/sample", SampleRecord, {"features": ",".join(features), "limit": limit})

    def similar(
        self, client: int | None, application: Mapping[str, Value], by: list[str], show: list[str], count: int = 200
    ) -> NearestRecord:
        """Return the applicants nearest to a client on file, or to an application that was typed in."""
        who: dict[str, Any] = {"sk_id_curr": client} if client is not None else {}
        if client is None:
            who["application"] = {"application": {name: cell for name, cell in application.items() if cell is not None}}
        return self._api.post("/v1/model/similar", NearestRecord, who | {"by": by, "show": show, "count": count})
