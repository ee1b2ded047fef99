"""A gRPC answer says what the JSON document says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from google.protobuf.json_format import MessageToDict

from credit.wire.decision import decision_documents
from serve_app.door import documents
from serve_app.door.documents import DecidedRows
from serve_app.door.grpc.decisions_pb2 import Decision
from serve_app.door.grpc.messages import decide_reply, explain_reply
from tests.fixtures.decisions import decision_batch

# Protobuf's own JSON writes what has 64 bits as text, for the sake of JavaScript.
WIDE = ("sk_id_curr", "submitted_at", "decided_at")


def as_document(decision: Decision) -> dict[str, Any]:
    """Return a message by protobuf's own JSON mapping, field names as they are."""
    found: dict[str, Any] = MessageToDict(
        decision, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return found | {name: int(found[name]) for name in WIDE}


def test_decisions_are_the_json_documents_in_their_order() -> None:
    """No field is lost, renamed or worded differently, null reasons' values included."""
    batch = decision_batch(5)
    values = batch.reasons.value.copy()
    values[0, 0] = np.nan
    batch = replace(batch, reasons=replace(batch.reasons, value=values))
    reply = decide_reply(DecidedRows(batch, 1, 3))
    assert [as_document(one) for one in reply.decisions] == decision_documents(batch)[1:4]
    first = decide_reply(DecidedRows(batch, 0)).decisions[0]
    assert as_document(first) == decision_documents(batch)[0]


def test_an_explanation_has_the_figures_of_the_json_answer() -> None:
    """Contributions by feature, and what they add up from and to."""
    batch = decision_batch(3)
    decided = DecidedRows(batch, 2)
    reply, answer = explain_reply(decided), documents.explained(decided)
    assert reply.decision.decision_id == answer["decision_id"]
    assert dict(reply.contributions) == answer["contributions"]
    assert (reply.base_value, reply.raw_score) == (answer["base_value"], answer["raw_score"])


def test_without_an_explainer_there_are_no_contributions() -> None:
    """What is null in JSON is absent: protobuf knows no null for a number."""
    batch = decision_batch(1)
    away = replace(batch, expected_value=float("nan"), contributions=np.full_like(batch.contributions, np.nan))
    reply = explain_reply(DecidedRows(away, 0))
    assert not reply.HasField("base_value")
    assert not reply.contributions
