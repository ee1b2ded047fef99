"""From a stored decision, and from what a search answered about it, to the facts of its letter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from credit.policy import Outcome
from credit.schema import COLUMN_INDEX
from ledger.errors import Erased
from ledger.notices.facts import CheckedChange, NoticeFacts
from ledger.query.receipt import Receipt


def facts_of(
    receipt: Receipt,
    applicant: tuple[str, ...] = (),
    searched: bool = False,
    change: CheckedChange | None = None,
) -> NoticeFacts:
    """Return the facts of the letter about a decision; raises Erased where the client's data can be read no more.

    applicant: name and address, a line each, where the bank has them: the ledger does not. The model's reasons are told
    only where they speak for the outcome that holds: a person who turned an outcome round had other ones.
    """
    personal = receipt.personal
    if personal is None:
        raise Erased("the client's data were erased, so there is no letter to write about this decision")
    row, outcome = receipt.row, receipt.final_outcome
    turned_round = (outcome == Outcome.APPROVE) != (row.outcome == Outcome.APPROVE)
    columns = {name: value for name, value in receipt.values().items() if name in COLUMN_INDEX}
    return NoticeFacts.model_validate(
        {
            "decision_id": row.decision_id,
            "application_id": personal.application_id,
            "applicant": applicant,
            "outcome": outcome.word,
            "by_person": any(review.final_outcome is not None for review in receipt.reviews),
            "submitted_ms": row.submitted_ms,
            "decided_ms": row.decided_ms,
            "reasons": () if turned_round else tuple(row.reasons.split()),
            "features": receipt.model.features,
            "application": {name: value if math.isfinite(value) else None for name, value in columns.items()},
            "history": bool(row.history),
            "searched": searched,
            "change": change,
        }
    )


def checked_change(answer: Mapping[str, Any]) -> CheckedChange | None:
    """Return the change that an answer of `POST /v1/counterfactuals` tells, None where it tells none.

    An answer that was not decided again and approved tells none, whatever else stands in it.
    """
    decision = answer.get("decision") or {}
    if answer.get("status") != "found" or not answer.get("decided_again") or decision.get("outcome") != "approve":
        return None
    fields = [field for change in answer["changes"] for field in change["fields"]]
    return CheckedChange(
        moves=tuple(change["move"] for change in answer["changes"]),
        before={field["field"]: field["before"] for field in fields},
        after={field["field"]: field["after"] for field in fields},
    )
