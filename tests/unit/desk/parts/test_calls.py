"""Rows of the history of calls."""

from desk.client.decisions import ListedDecision
from desk.parts.calls import call_rows
from tests.fixtures.told_api import DECISION, LISTED


def test_a_row_names_no_client_and_says_how_it_was_decided() -> None:
    (row,) = call_rows([ListedDecision.model_validate(LISTED | {"mode": "history_unavailable"})])
    assert row["Decision"] == DECISION
    assert row["Outcome"] == "Declined"
    assert row["Decided how"] == "without history"
    assert row["Door"] == "Kafka"
    assert not any("client" in heading.lower() for heading in row)
