"""From stored decisions to letters."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from credit.policy import Outcome
from ledger.errors import Erased
from ledger.notices.from_receipt import checked_change, facts_of
from ledger.notices.notice import write_notice
from ledger.query.receipt import Receipt, read_receipt
from ledger.store.engine import reading
from serve_app.counterfactual.finder import what_would_change
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, VAULT, migrated, store
from tests.fixtures.loans import loans
from tests.fixtures.notices import BANK
from tests.unit.serve_app.counterfactual.test_finder import LimitGraph

APPROVED, DECLINED = 0, 2


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> list[Receipt]:
    """Three stored decisions: approved, referred, declined."""
    path: Path = tmp_path_factory.mktemp("ledger") / "ledger.db"
    engine = migrated(f"sqlite:///{path}")
    store(engine, 3)
    with reading(engine) as connection:
        return [read_receipt(connection, VAULT, i) for i in decision_batch(3, features=FEATURES).decision_ids]


def reviewed(receipt: Receipt, outcome: Outcome) -> Receipt:
    review: Any = SimpleNamespace(final_outcome=int(outcome), closed_ms=1)
    return replace(receipt, reviews=[review])


def test_a_stored_decision_becomes_a_letter(receipts: list[Receipt]) -> None:
    """Outcome, ids, reasons, features and history are the receipt's, and the letter can be written."""
    receipt = receipts[DECLINED]
    facts = facts_of(receipt, ("Claire Martin",))
    assert facts.outcome == "decline"
    assert facts.decision_id == receipt.row.decision_id
    assert facts.reasons == tuple(receipt.row.reasons.split())
    assert facts.features == FEATURES
    assert facts.application["AMT_CREDIT"] == receipt.values()["AMT_CREDIT"]
    assert not facts.by_person
    assert write_notice(facts, "fr", "pdf", BANK).content.startswith(b"%PDF-")


def test_a_person_who_turned_it_round_had_other_reasons(receipts: list[Receipt]) -> None:
    """The model's reasons go with the outcome that they speak for; who decided is told."""
    overturned = facts_of(reviewed(receipts[DECLINED], Outcome.APPROVE))
    assert (overturned.outcome, overturned.by_person, overturned.reasons) == ("approve", True, ())
    upheld = facts_of(reviewed(receipts[DECLINED], Outcome.DECLINE))
    assert (upheld.outcome, upheld.by_person) == ("decline", True)
    assert upheld.reasons
    assert facts_of(reviewed(receipts[APPROVED], Outcome.DECLINE)).reasons == ()


def test_an_erased_client_gets_no_letter(receipts: list[Receipt]) -> None:
    """Where nothing personal can be read there is nobody to write to."""
    with pytest.raises(Erased):
        facts_of(replace(receipts[DECLINED], personal=None))


def test_only_what_was_decided_again_is_told() -> None:
    """The search's answer becomes a change where it was approved when decided again, and nothing else does."""
    found = asyncio.run(what_would_change(LimitGraph(100_000.0, (90_000.0,)), loans(1))).model_dump(mode="json")
    change = checked_change(found)
    assert change is not None
    assert change.moves == ("borrow_less",)
    assert change.after["AMT_CREDIT"] == 90_000.0
    none = asyncio.run(what_would_change(LimitGraph(1.0), loans(1))).model_dump(mode="json")
    assert checked_change(none) is None
    assert checked_change(found | {"decided_again": False}) is None
    assert checked_change(found | {"decision": None}) is None
    assert checked_change(found | {"decision": found["decision"] | {"outcome": "refer"}}) is None
