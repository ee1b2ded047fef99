"""Bodies of the ledger's HTTP API, as its documentation shows them. Times are milliseconds since the epoch, UTC."""

from __future__ import annotations

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit.policy import Policy
from ledger.review.queue import MAX_TEXT
from ledger.review.reasons import ReviewVerdict

OutcomeWord = Literal["approve", "refer", "decline"]
ModeWord = Literal["full", "history_unavailable", "reasons_unavailable", "history_and_reasons_unavailable"]
DoorWord = Literal["kafka", "http", "replay"]
CauseWord = Literal["referral", "contest", "sample"]
StateWord = Literal["open", "taken", "proposed", "closed"]
# Text without NUL, which PostgreSQL cannot hold.
PLAIN: Final = r"^[^\x00]*$"


class StoredDecision(BaseModel):
    """A decision in a list: nothing in it names the client."""

    decision_id: str
    decided_at: int
    submitted_at: int
    outcome: OutcomeWord
    probability_of_default: float
    score_points: int
    mode: ModeWord
    door: DoorWord
    model_version: str
    reasons: list[str] = Field(description="Codes, strongest first.")


class DecisionList(BaseModel):
    """A page, newest first. It may be short where a filter matches little: go on while `next` is given."""

    decisions: list[StoredDecision]
    next: str | None = Field(description="Hand it back as `after`; null at the end.")


class ReceiptReason(BaseModel):
    """One principal reason; share, feature and value are null where the client was erased."""

    code: str
    subject: str
    text: str
    share: float | None
    feature: str | None
    value: float | str | None


class ReceiptModel(BaseModel):
    """The model version that decided."""

    name: str
    version: str
    digest: str
    catalog_hash: str


class ReceiptSource(BaseModel):
    """Where the decision stands in Kafka."""

    audit_topic: str
    audit_partition: int
    audit_offset: int
    audit_row: int
    answer_partition: int | None = Field(description="Partition on loan-decisions; null for HTTP.")
    answer_offset: int | None
    applications: list[tuple[str, int, int, int]] = Field(
        description="Topic, partition, first and last offset that the micro-batch answered."
    )


class ReceiptOutcome(BaseModel):
    """What became of the application."""

    defaulted: Literal[0, 1]
    observed_at: int


class ReviewSummary(BaseModel):
    """A review without what was said on it."""

    review_id: str
    decision_id: str
    cause: CauseWord
    state: StateWord
    outcome: OutcomeWord = Field(description="What the model decided.")
    assignee: str | None
    opened_at: int
    due_at: int
    verdict: ReviewVerdict | None
    final_outcome: OutcomeWord | None
    reason: str | None
    proposed_by: str | None
    closed_by: str | None
    closed_at: int | None


FeedbackKind = Literal["wrong_prediction", "comment"]


class FeedbackEntry(BaseModel):
    """What somebody said of a decision."""

    at: int
    by: str
    kind: FeedbackKind
    comment: str | None


class ListedFeedback(FeedbackEntry):
    """The same with the decision that it is about."""

    decision_id: str
    outcome: OutcomeWord
    model_version: str


class FeedbackList(BaseModel):
    """Feedback, newest first."""

    feedback: list[ListedFeedback]
    next: str | None


class DecisionReceipt(BaseModel):
    """The whole receipt. Where `erased`, the client's key was destroyed and what was personal is null or empty."""

    decision_id: str
    erased: bool
    sk_id_curr: int | None
    application_id: str | None
    outcome: OutcomeWord
    final_outcome: OutcomeWord = Field(description="The outcome that holds today, after reviews.")
    probability_of_default: float
    raw_score: float
    score_points: int
    mode: ModeWord
    door: DoorWord
    history: bool
    submitted_at: int
    decided_at: int
    model: ReceiptModel
    policy: Policy
    policy_digest: str
    reasons: list[ReceiptReason]
    base_value: float | None
    features: dict[str, float | str | None] = Field(description="What the booster read; categories by their word.")
    contributions: dict[str, float] = Field(description="Log-odds; with base_value they add up to raw_score.")
    application: dict[str, float | str | None] | None = Field(
        description="The application as it was decided, without what is missing; null where it was not kept yet."
    )
    source: ReceiptSource
    observed: ReceiptOutcome | None
    reviews: list[ReviewSummary]
    feedback: list[FeedbackEntry]


class FeedbackRequest(BaseModel):
    """Says something of a decision."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["wrong_prediction", "comment"]
    comment: str | None = Field(default=None, max_length=MAX_TEXT)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.kind == "comment" and not (self.comment or "").strip():
            raise ValueError("a comment needs its text in `comment`")
        return self


class ContestRequest(BaseModel):
    """An applicant contests a decision."""

    model_config = ConfigDict(extra="forbid")

    statement: str = Field(min_length=1, max_length=MAX_TEXT, description="The applicant's own point of view.")


class VerdictRequest(BaseModel):
    """Decides a review."""

    model_config = ConfigDict(extra="forbid")

    verdict: ReviewVerdict
    reason: str = Field(description="A code of GET /v1/review-reasons.")
    text: str | None = Field(default=None, max_length=MAX_TEXT, description="Free text beside the reason.")


class TextRequest(BaseModel):
    """Says something on a review."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_TEXT)


class OptionalTextRequest(BaseModel):
    """Confirms or refuses, with words or without."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(default=None, max_length=MAX_TEXT)


class AssignRequest(BaseModel):
    """Gives a review to somebody."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(min_length=1, max_length=100, pattern=PLAIN, description="Name of a key.")


class ReviewList(BaseModel):
    """A page of reviews, those that are due first at the top."""

    reviews: list[ReviewSummary]
    next: str | None


class ReviewAct(BaseModel):
    """One act on a review."""

    at: int
    by: str
    kind: str
    detail: str
    text: str | None


class ReviewFile(BaseModel):
    """A file of a review."""

    file_id: str
    name: str | None
    media_type: str
    size: int
    at: int
    by: str


class ReviewDetail(ReviewSummary):
    """A review with what was said on it, and what each verdict would lead to."""

    sk_id_curr: int | None
    application_id: str | None
    amount: float | None = Field(description="Credit asked for; null where nobody can tell.")
    if_upheld: OutcomeWord
    if_overturned: OutcomeWord
    events: list[ReviewAct]
    files: list[ReviewFile]


class ListedReason(BaseModel):
    """A reason that a reviewer may give."""

    code: str
    verdict: ReviewVerdict
    text: str


class AccessEntry(BaseModel):
    """One access to a client's data."""

    access_id: int
    at: int
    by: str
    action: str
    decision_id: str | None
    detail: str


class LookRequest(BaseModel):
    """A look at a client's data through another door, which that door notes before it shows anything."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["application", "simulation", "counterfactual", "similar"]
    sk_id_curr: int = Field(ge=1, lt=2**63)


class AccessList(BaseModel):
    """Accesses, newest first."""

    accesses: list[AccessEntry]
    next: int | None


class Made(BaseModel):
    """The id of what was made."""

    id: str
