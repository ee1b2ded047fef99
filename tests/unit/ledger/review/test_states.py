"""The rules of reviews, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.errors import PermanentError
from credit.policy import Outcome
from ledger.errors import InvalidRequest, NotAllowed, ReviewConflict
from ledger.review import states
from ledger.review.actor import Actor
from ledger.review.reasons import REVIEW_REASONS, ReviewVerdict
from ledger.review.states import ReviewCase, ReviewState

ANN = Actor("ann", frozenset({"review"}), limit=1000.0)
BEN = Actor("ben", frozenset({"review"}), limit=1000.0)
EVE = Actor("eve", frozenset({"review"}), frozenset({"lead"}), 1e9)
OPEN = ReviewCase(ReviewState.OPEN, Outcome.DECLINE, 500.0)
TAKEN = replace(OPEN, state=ReviewState.TAKEN, assignee="ann")


def uphold(case: ReviewCase, actor: Actor, four_eyes_above: float = 600.0) -> ReviewCase:
    return states.decide(case, actor, ReviewVerdict.UPHOLD, "confirmed", four_eyes_above)


def test_only_its_holder_decides_a_review() -> None:
    """Open, or somebody else's, it is a conflict."""
    assert uphold(TAKEN, ANN).closed_by == "ann"
    for case, actor in ((OPEN, ANN), (TAKEN, BEN)):
        with pytest.raises(ReviewConflict):
            uphold(case, actor)


def test_a_lead_moves_others_work_and_others_do_not() -> None:
    """Assigning needs the role; releasing needs it or the work itself."""
    assert states.assign(OPEN, EVE, "ben").assignee == "ben"
    assert states.release(TAKEN, EVE) == OPEN
    assert states.release(TAKEN, ANN) == OPEN
    for act in (lambda: states.assign(OPEN, ANN, "ben"), lambda: states.release(TAKEN, BEN)):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize("amount", [None, 1000.5])
def test_above_ones_limit_nothing_is_decided(amount: float | None) -> None:
    """An amount that nobody can tell is above every limit but an unbounded one."""
    case = replace(TAKEN, amount=amount)
    with pytest.raises(NotAllowed):
        uphold(case, ANN)
    boundless = replace(ANN, limit=float("inf"))
    assert uphold(case, boundless).state is ReviewState.PROPOSED


def test_four_eyes_above_the_amount_and_two_below() -> None:
    """At the bound one person is enough."""
    assert uphold(replace(TAKEN, amount=600.0), ANN).state is ReviewState.CLOSED
    proposed = uphold(replace(TAKEN, amount=600.5), ANN)
    assert (proposed.state, proposed.proposed_by, proposed.closed_by) == (ReviewState.PROPOSED, "ann", None)
    with pytest.raises(NotAllowed):
        states.confirm(proposed, ANN)
    with pytest.raises(NotAllowed):
        states.confirm(proposed, replace(BEN, limit=10.0))
    assert states.confirm(proposed, BEN).closed_by == "ben"
    assert states.send_back(proposed, BEN).assignee == "ann"


@pytest.mark.parametrize("reason", [*(r for r, v in REVIEW_REASONS.items() if v.verdict == "overturn"), "because", ""])
def test_a_reason_is_one_of_the_verdicts_own(reason: str) -> None:
    """A reason to overturn does not uphold, and free text is no reason."""
    with pytest.raises(InvalidRequest):
        states.decide(TAKEN, ANN, ReviewVerdict.UPHOLD, reason, 600.0)


@pytest.mark.parametrize(
    ("outcome", "probability", "expected"),
    [
        (Outcome.APPROVE, 0.01, Outcome.APPROVE),
        (Outcome.DECLINE, 0.5, Outcome.DECLINE),
        (Outcome.REFER, 0.0999, Outcome.APPROVE),
        (Outcome.REFER, 0.1, Outcome.DECLINE),
    ],
)
def test_what_upholding_and_overturning_lead_to(outcome: Outcome, probability: float, expected: Outcome) -> None:
    """A referral ends where the probability leans, or on the other side."""
    case = replace(TAKEN, leaning=states.leaning(outcome, probability, 0.1))
    assert case.outcome(ReviewVerdict.UPHOLD) is expected
    assert {case.outcome(verdict) for verdict in ReviewVerdict} == {Outcome.APPROVE, Outcome.DECLINE}


ACTS = {
    "take": states.take,
    "release": states.release,
    "assign": lambda case, actor: states.assign(case, actor, "ann"),
    "decide": uphold,
    "confirm": states.confirm,
    "send back": states.send_back,
}


@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from([ANN, BEN, EVE])), max_size=25))
def test_no_order_of_acts_breaks_the_rules(acts: list[tuple[str, Actor]]) -> None:
    """Closed is the end; a proposal is closed by another person than its author; a taken review has a holder."""
    case = replace(OPEN, amount=800.0)
    for name, actor in acts:
        before = case
        try:
            case = ACTS[name](case, actor)
        except PermanentError:
            continue
        assert before.state is not ReviewState.CLOSED
        assert (case.assignee is None) == (case.state is ReviewState.OPEN)
        if case.state is ReviewState.CLOSED:
            assert case.closed_by != case.proposed_by is not None
