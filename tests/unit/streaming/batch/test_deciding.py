"""Deciding for as long as it takes."""

from __future__ import annotations

import threading
import time

import pytest

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import DependencyUnavailable, Overloaded
from credit.wire.application import parse_applications
from streaming.batch.deciding import Cancelled, PatientDecider, Reaction
from tests.fixtures.deciding import FakeGraph, application, decide


def batch_of(count: int) -> ApplicationBatch:
    from pydantic_core import to_json

    return parse_applications([to_json(application(n)) for n in range(count)], [int(time.time() * 1000)] * count).batch


class Scripted:
    """Raises what the script says, call by call, then decides."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        if self.errors:
            raise self.errors.pop(0)
        return decide(batch)


def test_a_graph_that_is_away_is_asked_again() -> None:
    """Retryable errors cost pauses, never applications."""
    waits: list[float] = []
    patient = PatientDecider(
        Scripted(DependencyUnavailable("away"), Overloaded("busy", 0.02)), 0.05, lambda _, s: waits.append(s)
    )
    decided = patient.decide(batch_of(3), threading.Event())
    assert [(stretch.first_row, len(stretch.decisions)) for stretch in decided.stretches] == [(0, 3)]
    assert not decided.undecidable
    assert waits == [0.05, 0.05]


def test_only_the_applications_that_break_the_graph_fail() -> None:
    """Of 40 with three poisonous ones, 37 are decided, in order and each once."""
    graph = FakeGraph()
    graph.poison = {"app-0000000", "app-0000017", "app-0000039"}
    decided = PatientDecider(graph, 0.05).decide(batch_of(40), threading.Event())
    assert sorted(one.row for one in decided.undecidable) == [0, 17, 39]
    rows = [stretch.first_row + i for stretch in decided.stretches for i in range(len(stretch.decisions))]
    assert rows == [n for n in range(40) if n not in {0, 17, 39}]
    for stretch in decided.stretches:
        assert stretch.decisions.applications.application_ids[0] == f"app-{stretch.first_row:07d}"


def test_nothing_dies_while_nothing_can_be_decided() -> None:
    """A graph that fails for everybody is waited for, whatever its error says."""
    patient = PatientDecider(Scripted(*[ValueError("broken model")] * 12), 0.01)
    decided = patient.decide(batch_of(4), threading.Event())
    assert sum(len(stretch.decisions) for stretch in decided.stretches) == 4
    assert not decided.undecidable


def test_an_application_that_makes_the_graph_look_away_cannot_hold_the_stream() -> None:
    """A 'retryable' error that comes back for one application alone, others being decided, is its dead letter."""

    class Away(FakeGraph):
        def decide(self, batch: ApplicationBatch) -> DecisionBatch:
            if "app-0000002" in batch.application_ids:
                raise DependencyUnavailable("scorer failed")
            return decide(batch)

    patient = PatientDecider(Away(), 0.01)
    patient.decide(batch_of(1), threading.Event())
    decided = patient.decide(batch_of(5), threading.Event())
    assert [one.row for one in decided.undecidable] == [2]
    assert sum(len(stretch.decisions) for stretch in decided.stretches) == 4


def test_a_batch_given_up_stops_waiting() -> None:
    """Once cancelled, a batch ends with Cancelled instead of trying for ever."""
    cancelled = threading.Event()
    graph = FakeGraph()
    graph.fail_with = DependencyUnavailable("away")
    patient = PatientDecider(graph, 0.01, lambda *_: cancelled.set())
    with pytest.raises(Cancelled):
        patient.decide(batch_of(1), cancelled)


def test_answers_for_other_applications_are_not_taken() -> None:
    """A graph that mixes batches up is treated as failing, never believed."""

    class Mixed:
        def __init__(self) -> None:
            self.calls = 0

        def decide(self, batch: ApplicationBatch) -> DecisionBatch:
            self.calls += 1
            return decide(batch_of(2) if self.calls == 1 else batch)

    decided = PatientDecider(Mixed(), 0.01).decide(batch_of(4), threading.Event())
    assert [(stretch.first_row, len(stretch.decisions)) for stretch in decided.stretches] == [(0, 2), (2, 2)]


def test_a_graph_that_recovers_meanwhile_costs_nobody_his_decision() -> None:
    """What failed alone while the graph was broken is asked once more before it becomes a dead letter."""
    patient = PatientDecider(Scripted(*[ValueError("broken model")] * 2), 0.01)
    decided = patient.decide(batch_of(2), threading.Event())
    assert [(stretch.first_row, len(stretch.decisions)) for stretch in decided.stretches] == [(0, 1), (1, 1)]
    assert not decided.undecidable


@pytest.mark.parametrize(
    ("error", "applications", "away", "others", "reaction"),
    [
        (Overloaded("busy"), 1, 0, True, Reaction.WAIT),
        (DependencyUnavailable("away"), 8, 7, True, Reaction.WAIT),
        (DependencyUnavailable("away"), 8, 8, True, Reaction.HALVE),
        (DependencyUnavailable("away"), 1, 8, True, Reaction.BURY),
        (DependencyUnavailable("away"), 1, 8, False, Reaction.WAIT),
        (ValueError("broken"), 8, 0, True, Reaction.HALVE),
        (ValueError("broken"), 8, 0, False, Reaction.WAIT),
        (ValueError("broken"), 1, 0, False, Reaction.BURY),
    ],
)
def test_what_is_done_follows_from_the_error_and_from_whether_others_can_be_decided(
    error: Exception, applications: int, away: int, others: bool, reaction: Reaction
) -> None:
    """Busy or away is waited for, and only a graph that answers for others makes a batch the culprit."""
    graph = FakeGraph()
    patient = PatientDecider(graph, 0.01)
    patient.decide(batch_of(1), threading.Event())
    graph.fail_with = None if others else error
    assert patient._reaction(error, applications, away) is reaction
