"""`loanstream decide`: what is read from a file, and how a decision is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from credit.errors import TableError
from loanstream.commands.decide import draw_decision, read_message
from tests.fixtures.terminal import text_of


def test_a_bare_mapping_of_columns_becomes_a_message(tmp_path: Path) -> None:
    """Home Credit's columns alone are put into an envelope; a message stays as it is."""
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"SK_ID_CURR": 7}))
    assert read_message(file) == {"application": {"SK_ID_CURR": 7}}
    file.write_text(json.dumps({"application": {"SK_ID_CURR": 7}, "application_id": "a"}))
    assert read_message(file)["application_id"] == "a"


@pytest.mark.parametrize("text", ["{", "[1]", '"text"'])
def test_what_is_no_application_is_refused(tmp_path: Path, text: str) -> None:
    """A file without one application is named with what to give instead."""
    file = tmp_path / "one.json"
    file.write_text(text)
    with pytest.raises(TableError, match=r"one\.json"):
        read_message(file)


def test_a_decision_shows_outcome_reasons_and_missing_values() -> None:
    """A person reads the outcome, each reason with its value, and that a value was missing."""
    reason = {"code": "external_score", "text": "External rating", "share": 0.42, "value": None, "typical": 0.51}
    decision = {
        "outcome": "decline",
        "application_id": "a-1",
        "sk_id_curr": 100001,
        "probability_of_default": 0.231,
        "threshold": 0.1,
        "score_points": 480,
        "reasons": [reason],
        "model": {"name": "loanstream", "version": "3"},
        "decision_id": "d-1",
        "mode": "full",
        "history": False,
    }
    shown = text_of(draw_decision(decision), width=140)
    for words in ("DECLINE", "23.1 %", "External rating", "42 %", "missing", "0.51", "no history of this client"):
        assert words in shown
