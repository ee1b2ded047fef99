"""What was decided and what a candidate would decide, from topics in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic_core import to_json

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import SettingsError
from credit.policy import Costs
from credit.wire.application import parse_applications
from credit.wire.audit import Door, encode_audit
from streaming.proof.rehearse import rehearse, taken_decisions
from streaming.proof.replay import ReplayRange
from streaming.settings import StreamingSettings
from tests.fixtures.deciding import MODEL, FakeGraph, application, decide
from tests.fixtures.memory_topics import MemoryTopics

S = StreamingSettings()
STRICT = replace(
    MODEL,
    version="2",
    digest="e" * 64,
    policy=MODEL.policy.model_copy(update={"refer_from": 0.02, "threshold": 0.04, "decline_from": 0.06}),
)


class Strict:
    """The same scores, a stricter policy."""

    def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        return decide(batch, STRICT)


def batch_of(numbers: range) -> ApplicationBatch:
    return parse_applications([to_json(application(n)) for n in numbers], [0] * len(numbers)).batch


def audited(topics: MemoryTopics, numbers: range, door: Door = "kafka", model: object = MODEL) -> None:
    decisions = decide(batch_of(numbers), model)  # type: ignore[arg-type]
    topics.add(S.audit_topic, encode_audit(decisions, door, [], 0))


def filled(topics: MemoryTopics, count: int) -> ReplayRange:
    for number in range(count):
        topics.add(S.applications_topic, to_json(application(number)))
    return ReplayRange({0: (0, count)})


def test_a_rehearsal_compares_the_same_applications(topics: MemoryTopics) -> None:
    """Those of the range that were decided, each with its own; the rest is counted, and so is the range kept."""
    wanted = filled(topics, 60)
    audited(topics, range(10, 50))
    report = rehearse(S, wanted, Strict())
    assert (report.applications, report.not_decided_before, report.range) == (40, 20, {"0": (0, 60)})
    assert (report.taken_by, report.candidate, report.candidate_digests) == (("1",), ("2",), ("e" * 64,))
    assert (report.psi_of_probability, report.swap_in.applications) == (0.0, 0)
    taken, would = decide(batch_of(range(10, 50))), decide(batch_of(range(10, 50)), STRICT)
    assert report.outcome_flips == (taken.outcome != would.outcome).sum() > 0


def test_replays_are_no_decisions_taken_and_the_last_one_counts(topics: MemoryTopics) -> None:
    """Of an application decided by two models the later decision; costs are those of the policy that decided last."""
    audited(topics, range(10))
    costly = replace(STRICT, policy=STRICT.policy.model_copy(update={"false_negative_cost": 7.0}))
    audited(topics, range(5), model=costly)
    audited(topics, range(10), door="replay")
    taken = taken_decisions(S)
    assert sorted(taken.application_ids) == [f"app-{n:07d}" for n in range(10)]
    assert taken.versions == {"1", "2"}
    assert taken.costs == Costs(7.0, 1.0)
    by_id = dict(zip(taken.application_ids, taken.outcome.tolist(), strict=True))
    for model, numbers in ((costly, range(5)), (MODEL, range(5, 10))):
        expected = decide(batch_of(numbers), model)
        for name, outcome in zip(expected.applications.application_ids, expected.outcome.tolist(), strict=True):
            assert by_id[name] == outcome


def test_a_range_that_nobody_decided_is_refused(topics: MemoryTopics) -> None:
    """There is nothing to compare with."""
    wanted = filled(topics, 3)
    audited(topics, range(5, 8))
    with pytest.raises(SettingsError, match="no decision on these applications"):
        rehearse(S, wanted, FakeGraph())
