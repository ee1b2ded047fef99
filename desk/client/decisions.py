"""Decisions: taken now, found again, told whole, contested, and spoken of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from desk.client.base import AnswerModel, DeskApi, Query
from desk.client.reviews import DeskReview

OutcomeName = Literal["approve", "refer", "decline"]
FeedbackKind = Literal["wrong_prediction", "comment"]
Cells = Mapping[str, float | int | str | None]


class DeskReason(AnswerModel):
    """One principal reason; what is personal in it is None once the client was erased."""

    code: str
    subject: str
    text: str
    share: float | None = None
    feature: str | None = None
    value: float | str | None = None
    typical: float | str | None = None


class DecidingModel(AnswerModel):
    """The model version that decided."""

    name: str
    version: str
    digest: str


class DeskDecision(AnswerModel):
    """A decision as it is answered at once, or a simulated one."""

    decision_id: str
    application_id: str
    sk_id_curr: int
    outcome: OutcomeName
    probability_of_default: float
    threshold: float
    score_points: int
    reasons: list[DeskReason]
    model: DecidingModel
    mode: str
    history: bool
    decided_at: int


class DeskDecisions(AnswerModel):
    """Decisions in the order of their applications."""

    decisions: list[DeskDecision]


class ListedDecision(AnswerModel):
    """A decision in a list, which names no client."""

    decision_id: str
    decided_at: int
    outcome: OutcomeName
    probability_of_default: float
    score_points: int
    mode: str
    door: str
    model_version: str
    reasons: list[str]


class DeskDecisionList(AnswerModel):
    """Decisions, newest first; `next` is where to go on."""

    decisions: list[ListedDecision]
    next: str | None = None


class ReceiptPolicy(AnswerModel):
    """The bands of the policy that decided."""

    threshold: float
    refer_from: float
    decline_from: float


class DecidingNow(AnswerModel):
    """What decides now, as far as a page needs it."""

    policy: ReceiptPolicy


class FeedbackLine(AnswerModel):
    """What somebody said of a decision."""

    at: int
    by: str
    kind: str
    comment: str | None


class DeskReceipt(AnswerModel):
    """A stored decision, whole."""

    decision_id: str
    erased: bool
    sk_id_curr: int | None
    application_id: str | None
    outcome: OutcomeName
    final_outcome: OutcomeName
    probability_of_default: float
    raw_score: float
    score_points: int
    mode: str
    door: str
    history: bool
    submitted_at: int
    decided_at: int
    model: DecidingModel
    policy: ReceiptPolicy
    policy_digest: str
    reasons: list[DeskReason]
    base_value: float | None
    features: dict[str, float | str | None]
    contributions: dict[str, float]
    application: dict[str, float | str | None] | None = None
    reviews: list[DeskReview]
    feedback: list[FeedbackLine]


class NewThing(AnswerModel):
    """The id of what was made."""

    id: str


class DecisionClient:
    """Asks for decisions."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def decide(self, application: Cells, application_id: str | None = None) -> DeskDecision:
        """Decide an application for good: it is audited and kept."""
        message: dict[str, Any] = {"application": dict(application)}
        if application_id is not None:
            message["application_id"] = application_id
        return self._api.post("/v1/decisions", DeskDecisions, message).decisions[0]

    def recent(self, limit: int = 10, filters: Query | None = None) -> DeskDecisionList:
        """Return the newest stored decisions."""
        return self._api.get("/v1/decisions", DeskDecisionList, {"limit": limit, **(filters or {})})

    def of_client(self, client: int, limit: int = 50) -> DeskDecisionList:
        """Return a client's decisions, newest first."""
        return self._api.get(f"/v1/clients/{client}/decisions", DeskDecisionList, {"limit": limit})

    def receipt(self, decision_id: str) -> DeskReceipt:
        """Return a stored decision, whole."""
        return self._api.get(f"/v1/decisions/{decision_id}", DeskReceipt)

    def letter(self, decision_id: str, language: str, form: Literal["html", "pdf"]) -> bytes:
        """Return the applicant's letter."""
        query = {"language": language, "format": form}
        return self._api.send("GET", f"/v1/decisions/{decision_id}/notice", query=query).content

    def say(self, decision_id: str, kind: FeedbackKind, comment: str) -> NewThing:
        """Say that a prediction was wrong, or comment on it."""
        body = {"kind": kind, "comment": comment or None}
        return self._api.post(f"/v1/decisions/{decision_id}/feedback", NewThing, body)

    def contest(self, decision_id: str, statement: str) -> DeskReview:
        """Open a review for the applicant, in the applicant's own words."""
        return self._api.post(f"/v1/decisions/{decision_id}/contest", DeskReview, {"statement": statement})


class ProofHead(AnswerModel):
    """The signed head that a proof leads to."""

    origin: str
    size: int
    at_ms: int
    note: str
    verifier_key: str


class PersonalProofPart(AnswerModel):
    """The personal part of a receipt and its salt, base64."""

    content: str
    salt: str


class DeskProof(AnswerModel):
    """What is needed to check that a receipt is in the log."""

    leaf: str
    index: int
    path: list[str]
    head: ProofHead
    personal: PersonalProofPart | None = Field(default=None)


def proof_of(api: DeskApi, decision_id: str) -> tuple[DeskProof, bytes]:
    """Return a decision's proof, and the bytes of the answer for whoever checks it elsewhere."""
    answer = api.send("GET", f"/v1/decisions/{decision_id}/proof", query={"personal": True})
    return DeskProof.model_validate_json(answer.content), answer.content
