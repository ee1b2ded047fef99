"""Decisions as they cross the wire."""

from __future__ import annotations

import json

import numpy as np
import pytest

from credit.wire.decision import DecisionMessage, decision_documents, encode_decisions
from tests.fixtures.decisions import decision_batch


def test_a_decision_document_has_the_shape_that_the_api_documents() -> None:
    """Every encoded decision validates as a DecisionMessage and survives the round trip."""
    batch = decision_batch(5)
    for payload, document in zip(encode_decisions(batch), decision_documents(batch), strict=True):
        assert DecisionMessage.model_validate_json(payload).model_dump() == json.loads(json.dumps(document))


def test_reasons_are_worded_by_the_direction_of_the_outcome() -> None:
    """An approval carries what spoke for it, a decline what spoke against it."""
    approve, refer, decline = decision_documents(decision_batch(3))
    assert approve["outcome"] == "approve"
    assert decline["outcome"] == "decline"
    assert approve["reasons"][0]["code"] == decline["reasons"][0]["code"]
    assert approve["reasons"][0]["text"] != decline["reasons"][0]["text"]
    assert refer["reasons"][0]["text"] == decline["reasons"][0]["text"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_json_cannot_say_is_null(value: float) -> None:
    """A missing value, or a quotient that overflowed, leaves a document that every JSON parser reads."""
    batch = decision_batch(1, features=("EXT_SOURCE_1", "AMT_CREDIT"))
    batch.reasons.value[0, 0] = value
    (payload,) = encode_decisions(batch)
    assert json.loads(payload, parse_constant=pytest.fail)["reasons"][0]["value"] is None
    assert decision_documents(batch)[0]["reasons"][0]["value"] is None
