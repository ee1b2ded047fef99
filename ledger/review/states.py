"""The life of a review, without a database: which act is allowed to whom, and what it leads to.

open --take--> taken --decide--> closed
 ^               |  \\--decide, large amount--> proposed --confirm (another person)--> closed
 '----release----'                                  \\----send back--> taken
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from credit.policy import Outcome
from ledger.errors import NotAllowed, ReviewConflict
from ledger.review.actor import Actor
from ledger.review.reasons import ReviewVerdict, reason_for


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    TAKEN = "taken"
    PROPOSED = "proposed"
    CLOSED = "closed"


class Cause(StrEnum):
    """Why a decision is reviewed."""

    REFERRAL = "referral"
    CONTEST = "contest"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A review as the rules see it.

    leaning: what the model's probability says to a referral, approve below the policy's threshold and decline from it
    on; the decision itself for all others. amount: the credit asked for, None where nobody can tell.
    """

    state: ReviewState
    leaning: Outcome
    amount: float | None
    assignee: str | None = None
    verdict: ReviewVerdict | None = None
    reason: str | None = None
    proposed_by: str | None = None
    closed_by: str | None = None

    def outcome(self, verdict: ReviewVerdict) -> Outcome:
        """Return the final outcome that a verdict leads to."""
        if verdict is ReviewVerdict.UPHOLD:
            return self.leaning
        return Outcome.APPROVE if self.leaning is Outcome.DECLINE else Outcome.DECLINE


def leaning(outcome: Outcome, probability: float, threshold: float) -> Outcome:
    """Return what upholding a decision comes to: a referral has to end in an approval or a decline."""
    if outcome is not Outcome.REFER:
        return outcome
    return Outcome.DECLINE if probability >= threshold else Outcome.APPROVE


def take(case: ReviewCase, actor: Actor) -> ReviewCase:
    """Take an open review; raises ReviewConflict where somebody has it."""
    _not_closed(case)
    if case.state is not ReviewState.OPEN:
        raise ReviewConflict(
            f"this review is {case.state} by {case.assignee}; take another, or have it assigned to you"
        )
    return replace(case, state=ReviewState.TAKEN, assignee=actor.name)


def release(case: ReviewCase, actor: Actor) -> ReviewCase:
    """Put a taken review back; its holder or a lead may."""
    _not_closed(case)
    if case.state is not ReviewState.TAKEN:
        raise ReviewConflict(f"this review is {case.state}; only a taken one can be released")
    if case.assignee != actor.name and not actor.leads:
        raise NotAllowed(f"{case.assignee} has this review; its holder or a lead releases it")
    return replace(case, state=ReviewState.OPEN, assignee=None)


def assign(case: ReviewCase, actor: Actor, to: str) -> ReviewCase:
    """Give a review to somebody; a lead may, whoever has it."""
    _not_closed(case)
    if not actor.leads:
        raise NotAllowed("assigning a review needs the role lead")
    if case.state is ReviewState.PROPOSED:
        raise ReviewConflict("this review waits for a second person; confirm it or send it back first")
    return replace(case, state=ReviewState.TAKEN, assignee=to)


def decide(case: ReviewCase, actor: Actor, verdict: ReviewVerdict, reason: str, four_eyes_above: float) -> ReviewCase:
    """Give a verdict; above `four_eyes_above` it is a proposal until a second person confirms it.

    An amount that nobody can tell counts as above every limit. Raises ReviewConflict, NotAllowed or InvalidRequest.
    """
    _not_closed(case)
    reason_for(reason, verdict)
    if case.state is not ReviewState.TAKEN or case.assignee != actor.name:
        if case.state is ReviewState.PROPOSED:
            raise ReviewConflict(f"{case.proposed_by} has proposed a verdict: another person confirms or sends it back")
        by = f" by {case.assignee}" if case.assignee else ""
        raise ReviewConflict(f"this review is {case.state}{by}; take it before you decide it")
    _within_limit(case, actor)
    decided = replace(case, verdict=verdict, reason=reason)
    if case.amount is None or case.amount > four_eyes_above:
        return replace(decided, state=ReviewState.PROPOSED, proposed_by=actor.name)
    return replace(decided, state=ReviewState.CLOSED, closed_by=actor.name)


def confirm(case: ReviewCase, actor: Actor) -> ReviewCase:
    """Confirm another person's proposal, which closes the review."""
    _second_person(case, actor)
    _within_limit(case, actor)
    return replace(case, state=ReviewState.CLOSED, closed_by=actor.name)


def send_back(case: ReviewCase, actor: Actor) -> ReviewCase:
    """Refuse a proposal: it goes back to the person who made it."""
    _second_person(case, actor)
    return replace(
        case, state=ReviewState.TAKEN, assignee=case.proposed_by, verdict=None, reason=None, proposed_by=None
    )


def _not_closed(case: ReviewCase) -> None:
    if case.state is ReviewState.CLOSED:
        raise ReviewConflict(f"this review was decided by {case.closed_by} already ({case.verdict}); contest it anew")


def _second_person(case: ReviewCase, actor: Actor) -> None:
    _not_closed(case)
    if case.state is not ReviewState.PROPOSED:
        raise ReviewConflict(f"this review is {case.state}; there is no proposal to confirm")
    if case.proposed_by == actor.name:
        raise NotAllowed("a second person has to look at this: four eyes above the limit")


def _within_limit(case: ReviewCase, actor: Actor) -> None:
    amount = float("inf") if case.amount is None else case.amount
    if amount > actor.limit:
        told = "unknown, which counts as above every limit," if case.amount is None else f"{amount:,.0f}"
        raise NotAllowed(f"the amount is {told} and {actor.name} may decide up to {actor.limit:,.0f}")
