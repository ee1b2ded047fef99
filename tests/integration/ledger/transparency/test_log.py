"""The log in a real PostgreSQL, beside the ledger's rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.ledger.transparency.stored import FilledLedger

pytestmark = pytest.mark.integration


@pytest.fixture
def ledger(migrated_url: str, tmp_path: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(migrated_url, tmp_path)
    yield made
    made.close()


def test_what_is_stored_verifies_and_what_is_changed_is_named(ledger: FilledLedger) -> None:
    """Several transactions are one log; one row altered, one removed, one inserted are each named."""
    ids = [decision_id for n, first in ((600, 100_000), (70, 200_000)) for decision_id in ledger.store(n, first)]
    ledger.sign()
    done = ledger.verify()
    assert ([str(finding) for finding in done.findings], done.receipts, done.recomputed) == ([], 670, 670)
    ledger.run("UPDATE decisions SET probability = probability + 0.001 WHERE seq = 100")
    for table in ("decisions", "payloads", "register"):
        ledger.run(f"DELETE FROM {table} WHERE seq = 200")
    ledger.run(
        "INSERT INTO decisions SELECT decided_ms, 900, '11111111-1111-1111-1111-111111111111', client, submitted_ms,"
        " outcome, mode, door, history, raw, probability, points, model_id, policy_id, batch_id, batch_row, reasons"
        " FROM decisions WHERE seq = 5"
    )
    assert {(finding.kind, finding.decision_id) for finding in ledger.verify().findings} == {
        ("altered", ids[100]),
        ("removed", ids[200]),
        ("inserted", "11111111-1111-1111-1111-111111111111"),
    }


def test_proofs_hold_after_an_erasure(ledger: FilledLedger) -> None:
    """The rows stay, one of them can be read no more, and the log is whole."""
    ledger.store(60, 100_000)
    ledger.sign()
    assert ledger.vault.erase("100007")
    done = ledger.verify()
    assert (done.whole, done.receipts, done.recomputed, done.erased) == (True, 60, 59, 1)
