"""Stored receipts decided again by the real path: the same bits, and a lie shows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from credit.decision import DecisionBatch, Mode
from credit.errors import DependencyUnavailable, ModelNotFound
from credit.policy import Outcome
from credit.wire.audit import AuditRecord, decode_audit, encode_audit
from ledger.store.rows import reason_codes
from ledger.transparency.content import PersonalParts
from ledger.transparency.frame import ReceiptFrame
from ledger.transparency.receipt import PublicReceipt
from ledger.transparency.recompute import DecidedBy, differences
from loanstream.decided_again import DecidedAgain
from serve_app.models.shelf import ModelShelf
from serve_app.models.sources import FolderSource
from serve_app.steps.decision_path import DecisionPath
from serve_app.steps.explainer import Explainer
from serve_app.steps.in_process import InProcessSteps
from serve_app.steps.local_graph import LocalGraph
from serve_app.steps.lookup import Lookup
from tests.fixtures.decisions import application_batch
from tests.fixtures.small_model import WIDTH, EveryClientsHistory, write_small_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def graph(folder: Path) -> LocalGraph:
    return LocalGraph(FolderSource(folder), EveryClientsHistory())


@pytest.fixture(scope="module")
def again(folder: Path) -> DecidedAgain:
    return DecidedAgain(ModelShelf(FolderSource(folder)))


class Row:
    """A row of the ledger, made from an audit record."""

    def __init__(self, record: AuditRecord, at: int) -> None:
        self.decision_id, self.client = record.decision_ids[at], b"c" * 16
        self.decided_ms, self.submitted_ms = int(record.decided_ms[at]), int(record.submitted_ms[at])
        self.outcome, self.mode, self.history = int(record.outcome[at]), int(record.mode[at]), bool(record.history[at])
        self.raw, self.probability = float(record.raw[at]), float(record.probability[at])
        self.points, self.batch_row = int(record.points[at]), at
        self.reasons = reason_codes(record.reason_subject[at].tolist())


def receipts_of(decisions: DecisionBatch) -> tuple[list[PublicReceipt], PersonalParts]:
    record = decode_audit(encode_audit(decisions, "kafka", []))
    model, expected = record.header["model"], record.header["expected_value"]
    frame = ReceiptFrame(
        model["name"], model["version"], model["digest"], record.header["policy_digest"], "kafka", expected, "t/0/0"
    )
    rows = [frame.receipt(Row(record, at), b"", b"") for at in range(len(record))]
    return rows, PersonalParts.of(record, range(len(record)))


def wrong(again: DecidedAgain, receipts: list[PublicReceipt], personal: PersonalParts) -> list[tuple[int, list[str]]]:
    outcomes, modes = [r.outcome for r in receipts], [r.mode for r in receipts]
    recomputed = again.decide(DecidedBy.of(receipts[0]), personal.features, outcomes, modes)
    return differences(receipts, personal, recomputed)


def test_real_decisions_come_out_the_same_to_the_bit(graph: LocalGraph, again: DecidedAgain) -> None:
    """Score, probability, points, outcome, reasons, contributions: of all outcomes, whatever batch they were in."""
    receipts, personal = receipts_of(graph.decide(application_batch(300, first_id=5000)))
    assert {r.outcome for r in receipts} == {"approve", "refer", "decline"}
    assert wrong(again, receipts, personal) == []


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("raw", 0.1, "score"),
        ("probability", 0.1, "probability"),
        ("points", 1, "points"),
        ("reasons", ("R01", "R02", "R03", "R04"), "reasons"),
        ("expected_value", 0.25, "expected value"),
    ],
)
def test_a_false_figure_is_named(graph: LocalGraph, again: DecidedAgain, field: str, value: object, named: str) -> None:
    """A receipt that says something else than the model would is named with what differs."""
    receipts, personal = receipts_of(graph.decide(application_batch(20, first_id=5000)))
    receipts[7] = replace(receipts[7], **{field: value})  # type: ignore[arg-type]
    assert wrong(again, receipts, personal) == [(7, [named])]


def test_a_false_outcome_is_named(graph: LocalGraph, again: DecidedAgain) -> None:
    """An approval that the policy would have declined shows, and so does a referral in full mode."""
    receipts, personal = receipts_of(graph.decide(application_batch(60, first_id=5000)))
    at = next(i for i, r in enumerate(receipts) if r.outcome == "decline")
    for lie in ("approve", "refer"):
        found = wrong(again, [*receipts[:at], replace(receipts[at], outcome=lie), *receipts[at + 1 :]], personal)
        assert found == [(at, ["outcome"])]


def test_one_bit_of_one_contribution_is_seen(graph: LocalGraph, again: DecidedAgain) -> None:
    """The smallest change of a contribution or of a reason's share is a difference."""
    receipts, personal = receipts_of(graph.decide(application_batch(20, first_id=5000)))
    contributions = personal.contributions.copy()
    contributions[3, 2] = np.nextafter(contributions[3, 2], np.float32(9))
    assert wrong(again, receipts, replace(personal, contributions=contributions)) == [(3, ["contributions"])]
    share = personal.reason_share.copy()
    share[4, 0] = np.nextafter(share[4, 0], np.float32(9))
    assert wrong(again, receipts, replace(personal, reason_share=share)) == [(4, ["reasons' shares"])]


HISTORY = {"history"}


class Lame:
    """The steps of a graph of which some are away."""

    def __init__(self, steps: InProcessSteps, away: set[str]) -> None:
        self._steps, self._away = steps, away

    def __getattr__(self, name: str) -> object:
        if name in self._away:
            raise DependencyUnavailable(f"{name} is away")
        return getattr(self._steps, name)


@pytest.mark.parametrize("away", [HISTORY, {"explain"}, {*HISTORY, "explain"}])
@pytest.mark.parametrize(("history", "reasons"), [("decide", "approve"), ("refer", "refer"), ("refer", "approve")])
def test_decisions_of_a_lame_graph_come_out_the_same(
    folder: Path,
    again: DecidedAgain,
    away: set[str],
    history: Literal["decide", "refer"],
    reasons: Literal["approve", "refer"],
) -> None:
    """Without features or explanations, whatever the settings said then, the receipts verify."""
    shelf = ModelShelf(FolderSource(folder))
    shelf.refresh()
    steps = InProcessSteps(Lookup(EveryClientsHistory()), shelf, Explainer(shelf))
    path = DecisionPath(Lame(steps, away), WIDTH, history, reasons)  # type: ignore[arg-type]
    decisions = asyncio.run(path.decide(application_batch(120, first_id=5000)))
    assert {int(mode) for mode in decisions.mode} != {int(Mode.FULL)}
    assert history == "decide" or "explain" in away or Outcome.REFER in {Outcome(o) for o in decisions.outcome}
    receipts, personal = receipts_of(decisions)
    assert wrong(again, receipts, personal) == []


def test_another_model_is_not_passed_off(again: DecidedAgain, graph: LocalGraph) -> None:
    """A version whose digest, or whose policy, is another than the receipt's is not tried."""
    receipts, personal = receipts_of(graph.decide(application_batch(5, first_id=5000)))
    for field in ("model_digest", "policy_digest"):
        other = [replace(r, **{field: "0" * 64}) for r in receipts]  # type: ignore[arg-type]
        with pytest.raises(ModelNotFound, match="not the model and policy"):
            wrong(again, other, personal)
