"""The list from which a reviewer gives the reason of a verdict; free text comes beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ledger.errors import InvalidRequest


class ReviewVerdict(StrEnum):
    """What a person says to the decision of the model."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"


@dataclass(frozen=True, slots=True)
class ReviewReason:
    """One reason of the list: for which verdict it stands, and its text for people."""

    code: str
    verdict: ReviewVerdict
    text: str


REVIEW_REASONS: Final = {
    reason.code: reason
    for reason in (
        ReviewReason("confirmed", ReviewVerdict.UPHOLD, "The file was read again, and the reasons hold."),
        ReviewReason("not_supported", ReviewVerdict.UPHOLD, "What the applicant says is not supported by documents."),
        ReviewReason("risk_not_offset", ReviewVerdict.UPHOLD, "New facts do not offset the reasons of the decision."),
        ReviewReason("data_wrong", ReviewVerdict.OVERTURN, "A value in the application or the history was wrong."),
        ReviewReason("documents_shown", ReviewVerdict.OVERTURN, "Documents show income, employment or assets anew."),
        ReviewReason(
            "circumstances", ReviewVerdict.OVERTURN, "Circumstances that no feature holds speak the other way."
        ),
        ReviewReason("policy_exception", ReviewVerdict.OVERTURN, "An exception that the bank's policy provides for."),
        ReviewReason("adverse_information", ReviewVerdict.OVERTURN, "Adverse information that the model did not have."),
        ReviewReason(
            "model_wrong", ReviewVerdict.OVERTURN, "The model misjudges this kind of case; feedback was given."
        ),
    )
}


def reason_for(code: str, verdict: ReviewVerdict) -> ReviewReason:
    """Return a reason of the list; raises InvalidRequest where it is none, or none of this verdict."""
    found = REVIEW_REASONS.get(code)
    if found is None or found.verdict is not verdict:
        known = ", ".join(r.code for r in REVIEW_REASONS.values() if r.verdict is verdict)
        raise InvalidRequest("reason", f"{code!r} is no reason to {verdict}; give one of {known}")
    return found
