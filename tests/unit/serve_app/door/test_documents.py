"""Bodies of answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from serve_app.door.answer import Answer
from serve_app.door.bodies import DecisionsAnswer, ExplainedPrediction, Prediction, SimulationsAnswer
from serve_app.door.documents import DecidedRows, decided_documents, explained, prediction, simulated_documents
from tests.fixtures.decisions import decision_batch


@pytest.mark.parametrize("row", range(4))
def test_each_row_of_a_micro_batch_is_worded_as_if_it_were_alone(row: int) -> None:
    """Whoever shared the batch."""
    decisions = decision_batch(4)
    alone = decisions.take(slice(row, row + 1))
    assert prediction(DecidedRows(decisions, row)) == prediction(DecidedRows(alone, 0))
    assert explained(DecidedRows(decisions, row)) == explained(DecidedRows(alone, 0))


def test_bodies_are_as_documented() -> None:
    """The models of the documentation read them."""
    decisions = decision_batch(3)
    one = DecidedRows(decisions, 1)
    assert Prediction.model_validate(prediction(one)).decision == "A_ETUDIER"
    assert len(ExplainedPrediction.model_validate_json(Answer.of(explained(one)).body).contributions) == 20
    several = DecisionsAnswer.model_validate(decided_documents(DecidedRows(decisions, 1, 2)))
    assert [d.decision_id for d in several.decisions] == decisions.decision_ids[1:]
    assert len(SimulationsAnswer.model_validate(simulated_documents(decisions)).simulations) == 3


def test_without_an_explainer_the_explanation_is_null() -> None:
    """Not a number is no JSON."""
    decisions = decision_batch(1)
    away = replace(decisions, contributions=np.full((1, 20), np.nan), expected_value=float("nan"))
    body = Answer.of(simulated_documents(away)).body
    (simulation,) = SimulationsAnswer.model_validate_json(body).simulations
    assert simulation.base_value is None
    assert set(simulation.contributions.values()) == {None}
