"""Bodies of the HTTP API, as its documentation shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from credit.policy import Outcome
from credit.wire.application import ApplicationMessage, ClientId
from credit.wire.decision import DecisionMessage, ReasonMessage

DECISION_WORDS: dict[int, str] = {Outcome.APPROVE: "ACCORD", Outcome.REFER: "A_ETUDIER", Outcome.DECLINE: "REFUS"}


class ClientRequest(BaseModel):
    """Names a client whose application is on file."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"sk_id_curr": 100001}]})

    sk_id_curr: ClientId


class Prediction(BaseModel):
    """The answer of `/predict`."""

    sk_id_curr: int
    score: float = Field(description="Probability of approval: 1 - probability of default.")
    decision: Literal["ACCORD", "REFUS", "A_ETUDIER"]
    probability_refusal: float = Field(description="Calibrated probability of default.")
    probability_approval: float


class ExplainedPrediction(Prediction):
    """The answer of `/explain`: contributions add up with base_value to raw_score, all in log-odds of default."""

    decision_id: str
    model_version: str
    base_value: float | None = Field(description="Mean raw score of the model; null while the explainer is away.")
    raw_score: float
    contributions: dict[str, float]
    reasons: list[ReasonMessage]


class ApplicationsRequest(BaseModel):
    """Several applications at once; each is decided on its own."""

    applications: list[ApplicationMessage] = Field(min_length=1, max_length=1000)


class DecisionsAnswer(BaseModel):
    """Full decisions, in the order of the applications."""

    decisions: list[DecisionMessage]


class SimulatedClient(BaseModel):
    """What would be decided on a client's application on file, were some of its columns other than they are."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"sk_id_curr": 100001, "overrides": {"AMT_CREDIT": 300000}}]}
    )

    sk_id_curr: ClientId
    overrides: dict[str, Any] = Field(
        default_factory=dict, description="Columns of the application with other cells; null makes one missing."
    )


class Simulation(BaseModel):
    """One simulated decision: nobody applied, nothing was kept; contributions and base_value add up to raw_score."""

    simulation: Literal[True]
    decision: DecisionMessage
    base_value: float | None = Field(description="Mean raw score of the model; null while the explainer is away.")
    raw_score: float
    contributions: dict[str, float | None]


class SimulationsAnswer(BaseModel):
    """Simulated decisions, in the order of the applications."""

    simulations: list[Simulation]


class ClientAnswer(BaseModel):
    """What is on file of a client."""

    sk_id_curr: int
    application: dict[str, Any]
    history: dict[str, float] = Field(description="The known history features; empty where there is no history.")


class ModelAnswer(BaseModel):
    """The model that decides now."""

    name: str
    version: str
    digest: str
    catalog_hash: str
    policy: dict[str, float]
    policy_digest: str
    features: int
    trained_at: str
    metrics: dict[str, float]


class Problem(BaseModel):
    """An RFC 9457 problem document; `errors` names the fields of an invalid body."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
