"""`loanstream verify`, `erase` and `log head` on the ledger of a home."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credit.wire.audit import decode_audit, encode_audit
from ledger.settings import LedgerSettings
from ledger.store.engine import writing
from ledger.store.migrate import VERSION_TABLE, upgrade
from ledger.store.payload import pack
from ledger.store.rows import AuditBatch, RecordPosition
from ledger.store.write import LedgerWriter, SinkWork
from ledger.transparency.log import MerkleLog
from ledger.transparency.notary import Notary
from ledger.transparency.tables import SqlTiles, save_head
from ledger.wiring import engine_of, signer_of, vault_of
from loanstream import decided_again
from loanstream.cli import app
from serve_app.models.shelf import ModelShelf
from serve_app.models.sources import FolderSource
from serve_app.steps.local_graph import LocalGraph
from tests.fixtures.decisions import application_batch
from tests.fixtures.small_model import EveryClientsHistory, write_small_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def home(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose ledger holds forty real decisions under a signed head, and whose registry is the model's folder."""
    source = FolderSource(model)
    again = decided_again.DecidedAgain(ModelShelf(source))
    monkeypatch.setattr(decided_again, "decided_again", lambda place: again)
    monkeypatch.delenv("LOANSTREAM_LEDGER_HOME", raising=False)
    settings = LedgerSettings(home=tmp_path / "ledger")
    engine, vault = engine_of(settings, durable=True), vault_of(settings)
    upgrade(engine)
    decisions = LocalGraph(source, EveryClientsHistory()).decide(application_batch(40, first_id=5000))
    record = decode_audit(encode_audit(decisions, "kafka", []))
    audit = AuditBatch(RecordPosition("loan-audit", 0, 0), record, pack(record))
    LedgerWriter(engine, vault, [Notary(vault)]).store(SinkWork(audits=[audit]))
    with writing(engine) as connection:
        merkle = MerkleLog(SqlTiles(connection))
        save_head(connection, signer_of(settings).sign(40, merkle.root(40), 1))
        (tmp_path / "ids").write_text("\n".join(record.decision_ids))
    engine.dispose()
    return tmp_path


def run(home: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["--home", str(home), *arguments])
    return done.exit_code, done.stdout + done.stderr


def ids(home: Path) -> list[str]:
    return (home / "ids").read_text().splitlines()


def test_a_whole_ledger_verifies(home: Path) -> None:
    """One receipt and all of them: proved, decided again, nothing found."""
    code, said = run(home, "verify", ids(home)[7])
    assert code == 0, said
    assert "receipts=1 decided_again=1 erased=0 retired=0 unsigned=0 findings=0" in said
    code, said = run(home, "verify", "--all")
    assert code == 0, said
    assert "receipts=40 decided_again=40" in said


def test_what_was_altered_is_named_and_the_exit_code_says_so(home: Path) -> None:
    """A row changed in the file is named on a line of its own."""
    engine = engine_of(LedgerSettings(home=home / "ledger"), durable=True)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE decisions SET points = points + 1 WHERE seq = 3")
    engine.dispose()
    code, said = run(home, "verify", "--all")
    assert code == 3
    assert f"altered {ids(home)[3]} (place 3)" in said
    assert "findings=1" in said


def test_altered_removed_and_forged_rows_are_each_named(home: Path) -> None:
    """A row changed, one taken away with its line of the register, one forged whole: each is named for what it is."""
    forged = "11111111-1111-1111-1111-111111111111"
    engine = engine_of(LedgerSettings(home=home / "ledger"), durable=True)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE decisions SET outcome = (outcome + 1) % 3 WHERE seq = 3")
        for table in ("decisions", "payloads", "register"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE seq = 4")
            columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
            copied = ["40" if c == "seq" else f"'{forged}'" if c == "decision_id" else c for c in columns]
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(copied)} FROM {table} WHERE seq = 5"
            )
    engine.dispose()
    code, said = run(home, "verify", "--all")
    assert code == 3
    named = {tuple(line.split()[:2]) for line in said.splitlines() if "(place" in line}
    assert named == {("altered", ids(home)[3]), ("removed", ids(home)[4]), ("inserted", forged)}, said
    for finding in (f"inserted {forged}", f"removed {ids(home)[4]}"):
        code, said = run(home, "verify", finding.split()[1])
        assert (code, finding in said) == (3, True), said


def test_an_erased_client_is_proved_and_not_read(home: Path) -> None:
    """After the erasure the receipt's proof holds, and nothing is left to decide again."""
    assert run(home, "erase", "5007", "--yes")[0] == 0
    code, said = run(home, "verify", "--all")
    assert code == 0
    assert "decided_again=39 erased=1" in said
    assert "no key" in run(home, "erase", "5007", "--yes")[1]


def test_an_erasure_is_asked_for(home: Path) -> None:
    """Without a yes nothing is destroyed."""
    done = CliRunner().invoke(app, ["--home", str(home), "erase", "5007"], input="n\n")
    assert done.exit_code == 1
    assert "decided_again=40" in run(home, "verify", "--all")[1]


def test_the_head_is_shown_with_its_key(home: Path) -> None:
    """What a stranger has to be given: the signed note and the key that checks it."""
    code, said = run(home, "log", "head")
    assert code == 0
    assert said.startswith("loanstream\n40\n")
    assert "verifier key: loanstream+" in said


def test_a_master_key_is_replaced_by_command(home: Path) -> None:
    """The new key first, all wrapped anew, the old one taken away: everything still opens and verifies."""
    file = home / "ledger" / "keys" / "master-key"
    new = base64.b64encode(b"n" * 32).decode()
    file.write_text(f"{new}\n{file.read_text()}")
    assert "40 keys were wrapped anew" in run(home, "rewrap")[1]
    file.write_text(f"{new}\n")
    assert "0 keys were wrapped anew" in run(home, "rewrap")[1]
    assert "decided_again=40" in run(home, "verify", "--all")[1]


def test_a_wrong_master_key_is_one_line_and_spoils_nothing(home: Path) -> None:
    """Every command that opens something says which keys it lacks; with the right one back, all is as before."""
    file = home / "ledger" / "keys" / "master-key"
    right = file.read_text()
    file.write_text(base64.b64encode(b"w" * 32).decode())
    for arguments in (["verify", "--all"], ["erase", "5007", "--yes"], ["rewrap"]):
        code, said = run(home, *arguments)
        assert (code, said.count("\n")) == (1, 1), said
        assert "another master key" in said
    file.write_text(right)
    assert "decided_again=40" in run(home, "verify", "--all")[1]


def test_a_ledger_of_a_later_version_is_left_alone(home: Path) -> None:
    """What a later Loanstream has migrated is not read by guessing: one line says so."""
    engine = engine_of(LedgerSettings(home=home / "ledger"), durable=True)
    with writing(engine) as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    engine.dispose()
    for arguments in (["verify", "--all"], ["log", "head"]):
        code, said = run(home, *arguments)
        assert (code, said.count("\n")) == (1, 1), said
        assert "9999" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "name one decision, or --all"),
        (["verify", "11111111-1111-1111-1111-111111111111"], "holds no decision"),
        (["verify", "x"], "no decision's id"),
        (["verify", "x", "--all"], "name one decision, or --all"),
    ],
)
def test_a_slip_is_one_line(home: Path, arguments: list[str], said: str) -> None:
    """What cannot be verified is said in one line."""
    code, shown = run(home, *arguments)
    assert code == 1
    assert said in shown
