"""The bodies of answers, from rows of a micro-batch; each builds what its route answers and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from credit.decision import DecisionBatch
from credit.wire.decision import decision_documents
from serve_app.door.bodies import DECISION_WORDS


@dataclass(frozen=True, slots=True)
class DecidedRows:
    """One request's part of a micro-batch: rows `first` to `first + count - 1` of `decisions`."""

    decisions: DecisionBatch
    first: int
    count: int = 1

    @property
    def alone(self) -> DecisionBatch:
        """The request's own decisions, as views."""
        if self.count == len(self.decisions):
            return self.decisions
        return self.decisions.take(slice(self.first, self.first + self.count))


def prediction(decided: DecidedRows) -> dict[str, Any]:
    """Return the body of `/predict`, of the first row."""
    decisions, row = decided.decisions, decided.first
    default = float(decisions.probability[row])
    return {
        "sk_id_curr": int(decisions.applications.client_ids[row]),
        "score": 1.0 - default,
        "decision": DECISION_WORDS[int(decisions.outcome[row])],
        "probability_refusal": default,
        "probability_approval": 1.0 - default,
    }


def explained(decided: DecidedRows) -> dict[str, Any]:
    """Return the body of `/explain`, of the first row; what is not finite is for JSON to call null."""
    decisions, row = decided.decisions, decided.first
    document = decision_documents(decided.alone)[0]
    return {
        **prediction(decided),
        "decision_id": decisions.decision_ids[row],
        "model_version": decisions.model.version,
        **explanation(decisions, row),
        "reasons": document["reasons"],
    }


def decided_documents(decided: DecidedRows) -> dict[str, Any]:
    """Return the body of `/v1/decisions`."""
    return {"decisions": decision_documents(decided.alone)}


def simulated_documents(decisions: DecisionBatch) -> dict[str, Any]:
    """Return the body of `/v1/simulations`."""
    documents = decision_documents(decisions)
    return {
        "simulations": [
            {"simulation": True, "decision": document, **explanation(decisions, row)}
            for row, document in enumerate(documents)
        ]
    }


def explanation(decisions: DecisionBatch, row: int) -> dict[str, Any]:
    """Return what a row's raw score is made of; what is not finite is for JSON to call null."""
    contributions = decisions.contributions[row].tolist()
    return {
        "base_value": decisions.expected_value,
        "raw_score": float(decisions.raw[row]),
        "contributions": dict(zip(decisions.model.features, contributions, strict=True)),
    }
