"""From an application to what would change its outcome: searched by score, told only once it is decided again."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from credit.application import ApplicationBatch, FloatArray
from credit.decision import DecisionBatch
from credit.policy import Outcome
from credit.wire.decision import DecisionMessage, ModelMessage, decision_documents
from serve_app.counterfactual.answer import CounterfactualAnswer, SearchStatus, planned_changes, sentence
from serve_app.counterfactual.search import Proposals
from serve_app.steps.simulation import simulated


class SearchableGraph(Protocol):
    """The graph as the search sees it, wherever its steps run; raises our errors."""

    async def simulate(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide applications that nobody made, by the path of every decision; nothing is kept."""

    async def propose(self, client_id: int, values: FloatArray, below: float | None) -> Proposals:
        """Search where the model is: the client's history looked up, values float64[columns]."""


async def what_would_change(
    graph: SearchableGraph, application: ApplicationBatch, below: float | None = None
) -> CounterfactualAnswer:
    """Return the smallest changes of one application that bring an approval, or that there are none.

    below: a probability of default that the changed application must stay under, for a margin; the policy's own bound
    holds in any case. The model that decides now answers, whichever decided the application once.
    """
    if len(application) != 1:
        raise ValueError(f"one application is searched at a time, not {len(application)}")
    asked = simulated(application)
    now = await graph.simulate(asked)
    if _approved(now, below):
        return _answer("already_approved", now, below, Proposals((), 0, 0))
    before = application.values[0]
    proposals = await graph.propose(int(application.client_ids[0]), before, below)
    for proposal in proposals.found:
        again = await graph.simulate(replace(asked, values=proposal.values[None, :]))
        if _approved(again, below):
            changes = planned_changes(proposal.moves, before, proposal.values)
            told = _answer("found", now, below, proposals)
            return told.model_copy(
                update={
                    "sentence": sentence("found", changes, proposals.open),
                    "changes": changes,
                    "cost": proposal.cost,
                    "decided_again": True,
                    "decision": DecisionMessage.model_validate(decision_documents(again)[0]),
                }
            )
    return _answer("not_confirmed" if proposals.found else "none_within_reach", now, below, proposals)


def _threshold(decided: DecisionBatch, below: float | None) -> float:
    bound = decided.model.policy.refer_from
    return bound if below is None else min(bound, below)


def _approved(decided: DecisionBatch, below: float | None) -> bool:
    approved: bool = decided.outcome[0] == Outcome.APPROVE
    return approved and bool(decided.probability[0] < _threshold(decided, below))


def _answer(
    status: SearchStatus, now: DecisionBatch, below: float | None, proposals: Proposals
) -> CounterfactualAnswer:
    document = DecisionMessage.model_validate(decision_documents(now)[0])
    return CounterfactualAnswer(
        status=status,
        sentence=sentence(status, (), proposals.open),
        outcome=document.outcome,
        probability_of_default=document.probability_of_default,
        threshold=_threshold(now, below),
        model=ModelMessage.model_validate(document.model.model_dump()),
        plans_within_reach=proposals.open,
        plans_scored=proposals.scored,
    )
