"""Decisions as gRPC messages: the JSON document's fields under their own names, typed.

An application stays the JSON bytes that it is on the stream: 121 optional columns with one published schema and one
reader, and a second reader would be a second judge of what is valid. A decision is ours and has few fields, so a
client in any language gets it typed, and reflection shows what is in it.
"""

from __future__ import annotations

import math
from typing import Any

from google.protobuf.struct_pb2 import NULL_VALUE, Value

from credit.wire.decision import decision_documents
from serve_app.door import documents
from serve_app.door.documents import DecidedRows
from serve_app.door.grpc.decisions_pb2 import DecideReply, Decision, ExplainReply

_NULL = Value(null_value=NULL_VALUE)


def decide_reply(decided: DecidedRows) -> DecideReply:
    """Return all decisions of a request, in its order."""
    return DecideReply(decisions=[_decision(document) for document in decision_documents(decided.alone)])


def explain_reply(decided: DecidedRows) -> ExplainReply:
    """Return the decision of the first row, with contributions; none where the explainer was away."""
    explanation = documents.explanation(decided.decisions, decided.first)
    (document,) = decision_documents(decided.decisions.take(slice(decided.first, decided.first + 1)))
    return ExplainReply(
        decision=_decision(document),
        base_value=explanation["base_value"] if math.isfinite(explanation["base_value"]) else None,
        raw_score=explanation["raw_score"],
        contributions={name: value for name, value in explanation["contributions"].items() if math.isfinite(value)},
    )


def _decision(document: dict[str, Any]) -> Decision:
    reasons = [
        reason | {"value": _value(reason["value"]), "typical": _value(reason["typical"])}
        for reason in document["reasons"]
    ]
    return Decision(**document | {"reasons": reasons})


def _value(cell: float | str | None) -> Value:
    if cell is None:
        return _NULL
    return Value(string_value=cell) if isinstance(cell, str) else Value(number_value=cell)
