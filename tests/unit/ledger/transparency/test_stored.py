"""Receipts of a real SQLite file, written by the ledger's own writer: whole, tampered with, retired, erased."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.store.engine import reading
from ledger.transparency.log import MerkleLog
from ledger.transparency.notary import LogOutOfStep
from ledger.transparency.stored import StoredReceipts
from ledger.transparency.tables import SqlTiles
from tests.unit.ledger.transparency.stored import FilledLedger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    yield made
    made.close()


def test_what_the_sink_stores_is_in_the_log_and_verifies(ledger: FilledLedger) -> None:
    """Rows of several transactions are one log; each is proved and decided again to the bit."""
    stored = [ledger.store(n, first) for n, first in ((300, 100_000), (1, 200_000), (700, 300_000))]
    ledger.sign()
    done = ledger.verify()
    assert [str(finding) for finding in done.findings] == []
    assert (done.receipts, done.recomputed) == (1001, 1001)
    with reading(ledger.engine) as connection:
        log = MerkleLog(SqlTiles(connection))
        assert log.decision_ids(0, 1001) == [decision_id for some in stored for decision_id in some]


def test_what_is_stored_again_is_logged_once(ledger: FilledLedger) -> None:
    """A topic read again adds no leaf."""
    ledger.store(20, 100_000)
    ledger.store(20, 100_000)
    with reading(ledger.engine) as connection:
        assert MerkleLog(SqlTiles(connection)).size() == 20


ALTERATIONS = [
    "UPDATE decisions SET outcome = (outcome + 1) % 3 WHERE seq = 17",
    "UPDATE decisions SET probability = probability + 1e-16 + 1e-15 WHERE seq = 17",
    "UPDATE decisions SET points = points + 1 WHERE seq = 17",
    "UPDATE decisions SET reasons = 'R99' WHERE seq = 17",
    "UPDATE decisions SET client = (SELECT client FROM decisions WHERE seq = 18) WHERE seq = 17",
    "UPDATE decisions SET raw = 'a word' WHERE seq = 17",
    "UPDATE decisions SET model_id = 99 WHERE seq = 17",
    "UPDATE decisions SET batch_row = 18 WHERE seq = 17",
    "UPDATE decisions SET history = 1 - history WHERE seq = 17",
    "UPDATE payloads SET sealed = substr(sealed, 1, 40) WHERE seq = 17",
    "UPDATE payloads SET sealed = (SELECT sealed FROM payloads WHERE seq = 18) WHERE seq = 17",
    "DELETE FROM payloads WHERE seq = 17",
    "DELETE FROM register WHERE seq = 17",
    "UPDATE register SET decided_ms = decided_ms + 1 WHERE seq = 17",
    "UPDATE decisions SET decided_ms = decided_ms + 1 WHERE seq = 17",
]


@pytest.mark.parametrize("statement", ALTERATIONS)
def test_an_altered_record_is_named(ledger: FilledLedger, statement: str) -> None:
    """Whatever is changed in the file, in whichever table: that decision is named as altered, and no other."""
    ids = ledger.store(40, 100_000)
    ledger.sign()
    ledger.run(statement)
    findings = ledger.verify().findings
    assert {(finding.kind, finding.decision_id) for finding in findings} == {("altered", ids[17])}


def test_a_removed_record_is_named(ledger: FilledLedger) -> None:
    """A row deleted from every table is named by the log; a policy that is changed shows at each of its decisions."""
    ids = ledger.store(40, 100_000)
    ledger.sign()
    for table in ("decisions", "payloads", "register"):
        ledger.run(f"DELETE FROM {table} WHERE seq = 17")
    findings = ledger.verify().findings
    assert {(finding.kind, finding.decision_id) for finding in findings} == {("removed", ids[17])}
    ledger.run("UPDATE policies SET digest = 'another'")
    assert len(ledger.verify().findings) == 40


def test_an_inserted_record_is_named(ledger: FilledLedger) -> None:
    """A row added with a line in the register, or without one, is named."""
    ledger.store(40, 100_000)
    ledger.sign()
    for seq, name in ((40, "11111111-1111-1111-1111-111111111111"), (3, "22222222-2222-2222-2222-222222222222")):
        ledger.run(
            f"INSERT INTO decisions SELECT decided_ms + 1, {seq}, '{name}', client, submitted_ms, outcome, mode, door,"
            " history, raw, probability, points, model_id, policy_id, batch_id, batch_row, reasons"
            " FROM decisions WHERE seq = 5"
        )
    ledger.run(
        "INSERT INTO register SELECT 40, '11111111-1111-1111-1111-111111111111', decided_ms + 1 FROM register"
        " WHERE seq = 5"
    )
    findings = ledger.verify().findings
    assert {(finding.kind, finding.decision_id) for finding in findings} == {
        ("inserted", "11111111-1111-1111-1111-111111111111"),
        ("inserted", "22222222-2222-2222-2222-222222222222"),
    }


def test_what_retention_took_is_told_apart_from_what_was_removed(ledger: FilledLedger) -> None:
    """Rows gone from before the stated time are retired; with no retention they are removed."""
    ledger.store(40, 100_000)
    ledger.sign()
    for table in ("decisions", "payloads"):
        ledger.run(f"DELETE FROM {table} WHERE seq < 10")
    assert len(ledger.verify().findings) == 10
    done = ledger.verify(kept_from_ms=2**62)
    assert (done.whole, done.retired, done.receipts) == (True, 10, 30)


def test_a_log_restored_without_its_rows_stops_the_sink(ledger: FilledLedger) -> None:
    """Where log and register are of different lengths nothing is stored, rather than proved wrongly."""
    ledger.store(5, 100_000)
    ledger.run("UPDATE log_state SET size = 3")
    with pytest.raises(LogOutOfStep):
        ledger.store(5, 200_000)
    with reading(ledger.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one() == 5


def test_a_place_is_found_by_id(ledger: FilledLedger) -> None:
    """The register leads from a decision's id to its leaf."""
    ids = ledger.store(5, 100_000)
    with reading(ledger.engine) as connection:
        source = StoredReceipts(connection, ledger.vault)
        assert source.place_of(ids[3].upper()) == 3
        assert source.place_of("11111111-1111-1111-1111-111111111111") is None


def test_after_an_erasure_nothing_personal_is_in_any_file_and_proofs_hold(ledger: FilledLedger, tmp_path: Path) -> None:
    """Before and after vacuum no file of the ledger or of the keys holds the client's values; the rows still verify.

    What is looked for is what was stored of the client: ids as digits and as bytes, every feature and contribution
    that is not a common number. Before sealing the same search finds them, or finding none would show nothing.
    """
    ids = ledger.store(60, 123_450_000)
    ledger.sign()
    with reading(ledger.engine) as connection:
        source = StoredReceipts(connection, ledger.vault)
        [opened] = source.opened(source.receipts(7, 8))
    assert opened is not None
    client = 123_450_007
    features = [opened.content[at : at + 8] for at in range(40, 40 + 8 * 20, 8)]
    personal = [str(client).encode(), client.to_bytes(8, "little"), *(f for f in features if len(set(f)) > 4)]
    assert len(personal) > 5
    assert all(value in opened.content for value in personal[1:])
    name = ledger.vault.lookup("client", str(client))
    assert name in everything(tmp_path)

    assert ledger.vault.erase(str(client))
    for statement in ("", "PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM"):
        if statement:
            with contextlib.closing(sqlite3.connect(tmp_path / "ledger.db")) as direct:
                direct.execute(statement)
        held = everything(tmp_path)
        assert [value for value in personal if value in held] == []
    assert ledger.vault.lookup("client", str(client)) != name
    done = ledger.verify()
    assert (done.whole, done.receipts, done.recomputed, done.erased) == (True, 60, 59, 1)
    assert ids[7] in held.decode(errors="replace")


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
