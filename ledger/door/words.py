"""From rows and receipts to the bodies of the HTTP API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from ledger.door.models import (
    DecisionReceipt,
    FeedbackEntry,
    ReceiptModel,
    ReceiptOutcome,
    ReceiptReason,
    ReceiptSource,
    ReviewAct,
    ReviewDetail,
    ReviewFile,
    ReviewSummary,
)
from ledger.query.receipt import Receipt, readable, told_reasons
from ledger.review.queue import ReviewFolder
from ledger.review.reasons import ReviewVerdict
from ledger.store.codes import DOORS, MODE_WORDS, OUTCOME_WORDS


def decision_line(row: Row[Any], versions: dict[int, str]) -> dict[str, Any]:
    """Return a decision of a list as `StoredDecision` shows it; versions: model_id -> version."""
    return {
        "decision_id": row.decision_id,
        "decided_at": row.decided_ms,
        "submitted_at": row.submitted_ms,
        "outcome": OUTCOME_WORDS[row.outcome],
        "probability_of_default": row.probability,
        "score_points": row.points,
        "mode": MODE_WORDS[row.mode],
        "door": DOORS[row.door],
        "model_version": versions[row.model_id],
        "reasons": row.reasons.split(),
    }


def review_summary(row: Row[Any]) -> ReviewSummary:
    """Return a review as lists show it."""
    return ReviewSummary.model_validate(_review(row))


def _review(row: Row[Any]) -> dict[str, Any]:
    same = ("review_id", "decision_id", "cause", "state", "assignee", "verdict", "reason", "proposed_by", "closed_by")
    return {name: getattr(row, name) for name in same} | {
        "outcome": OUTCOME_WORDS[row.outcome],
        "opened_at": row.opened_ms,
        "due_at": row.due_ms,
        "closed_at": row.closed_ms,
        "final_outcome": None if row.final_outcome is None else OUTCOME_WORDS[row.final_outcome],
    }


def review_detail(folder: ReviewFolder) -> ReviewDetail:
    """Return a review as its own page shows it."""
    personal = folder.receipt.personal
    return ReviewDetail.model_validate(
        _review(folder.row)
        | {
            "sk_id_curr": personal and personal.client_id,
            "application_id": personal and personal.application_id,
            "amount": folder.receipt.amount,
            "if_upheld": folder.case.outcome(ReviewVerdict.UPHOLD).word,
            "if_overturned": folder.case.outcome(ReviewVerdict.OVERTURN).word,
            "events": [
                ReviewAct(at=e.at_ms, by=e.actor, kind=e.kind, detail=e.detail, text=e.text) for e in folder.events
            ],
            "files": [
                ReviewFile(
                    file_id=f.attachment_id, name=f.name, media_type=f.media_type, size=f.size, at=f.at_ms, by=f.actor
                )
                for f in folder.files
            ],
        }
    )


def receipt_document(receipt: Receipt, feedback: Sequence[FeedbackEntry]) -> DecisionReceipt:
    """Return the whole receipt."""
    row, personal, batch, answer = receipt.row, receipt.personal, receipt.batch, receipt.answer
    names = receipt.model.features
    contributions = {} if personal is None else dict(zip(names, personal.contributions.tolist(), strict=True))
    return DecisionReceipt(
        decision_id=row.decision_id,
        erased=personal is None,
        sk_id_curr=None if personal is None else personal.client_id,
        application_id=None if personal is None else personal.application_id,
        outcome=_word(row.outcome),
        final_outcome=_word(receipt.final_outcome),
        probability_of_default=row.probability,
        raw_score=row.raw,
        score_points=row.points,
        mode=MODE_WORDS[row.mode],
        door=DOORS[row.door],
        history=bool(row.history),
        submitted_at=row.submitted_ms,
        decided_at=row.decided_ms,
        model=ReceiptModel(
            name=receipt.model.name,
            version=receipt.model.version,
            digest=receipt.model.digest,
            catalog_hash=receipt.model.catalog_hash,
        ),
        policy=receipt.policy,
        policy_digest=receipt.policy_digest,
        reasons=[ReceiptReason.model_validate(reason, from_attributes=True) for reason in told_reasons(receipt)],
        base_value=batch.expected_value,
        features={name: readable(name, value) for name, value in receipt.values().items()},
        contributions=contributions,
        application=receipt.application(),
        source=ReceiptSource(
            audit_topic=batch.topic,
            audit_partition=batch.partition,
            audit_offset=batch.record_offset,
            audit_row=row.batch_row,
            answer_partition=None if answer is None else answer.partition,
            answer_offset=None if answer is None else answer.record_offset,
            applications=json.loads(batch.sources),
        ),
        observed=None
        if receipt.observed is None
        else ReceiptOutcome(defaulted=receipt.observed.defaulted, observed_at=receipt.observed.observed_ms),
        reviews=[review_summary(review) for review in receipt.reviews],
        feedback=list(feedback),
    )


def _word(outcome: int) -> Any:
    return OUTCOME_WORDS[int(outcome)]
