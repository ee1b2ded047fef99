"""The verifier that a stranger runs: it shares no code with the ledger, and agrees with it."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.store.engine import reading
from ledger.transparency.proof import prove_consistency, prove_receipt
from tests.unit.ledger.transparency.stored import SIGNER, FilledLedger

SCRIPT = Path(__file__).parents[4] / "docs/verifier/verify_receipt.py"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    yield made
    made.close()


def proof_of(ledger: FilledLedger, decision_id: str) -> dict[str, Any]:
    with reading(ledger.engine) as connection:
        proof = prove_receipt(connection, ledger.vault, decision_id, SIGNER.verifier_key, with_personal=True)
    return proof.model_dump(mode="json")


def verdict(tmp_path: Path, proof: dict[str, Any], *more: str, key: str = SIGNER.verifier_key) -> tuple[int, str]:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof))
    command = [sys.executable, "-I", str(SCRIPT), str(path), key, *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_it_is_short_and_shares_no_code() -> None:
    """Under a hundred lines, with the standard library and `cryptography` alone."""
    text = SCRIPT.read_text()
    assert len(text.splitlines()) < 100
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]  # type: ignore[union-attr]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported - {"cryptography"} <= sys.stdlib_module_names


def test_a_true_receipt_is_found_true_with_its_log_s_growth(ledger: FilledLedger, tmp_path: Path) -> None:
    """Proof, personal part and consistency with a head kept from before: all of it holds."""
    ids = ledger.store(300, 100_000)
    older = ledger.sign()
    ledger.store(77, 200_000)
    newer = ledger.sign()
    note, growth = tmp_path / "older.note", tmp_path / "growth.json"
    note.write_text(older.note)
    with reading(ledger.engine) as connection:
        growth.write_text(prove_consistency(connection, older.head.size, newer.head.size).model_dump_json())
    for decision_id in (ids[0], ids[123], ids[299]):
        code, said = verdict(tmp_path, proof_of(ledger, decision_id), str(note), str(growth))
        assert code == 0, said
        assert f"in the log: {decision_id}" in said
        assert "adding up to the score" in said
        assert "only grew since it had 300" in said


def test_an_erased_receipt_is_still_proved(ledger: FilledLedger, tmp_path: Path) -> None:
    """Without the personal part the proof holds as it did."""
    ids = ledger.store(10, 100_000)
    ledger.sign()
    ledger.vault.erase("100003")
    proof = proof_of(ledger, ids[3])
    assert proof["personal"] is None
    assert verdict(tmp_path, proof)[0] == 0


def flipped(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(bytes(raw)).decode()


def test_whatever_is_changed_it_says_no(ledger: FilledLedger, tmp_path: Path) -> None:
    """Outcome, place, path, head, personal part or salt changed, or another key: each is refused, in words."""
    ids = ledger.store(300, 100_000)
    ledger.sign()
    good = proof_of(ledger, ids[200])
    other = proof_of(ledger, ids[201])
    head, personal = good["head"], good["personal"]
    outcome = json.loads(good["leaf"])["outcome"]
    lies = {
        "not in the log": good | {"leaf": good["leaf"].replace(outcome, "another")},
        "receipt is not": good | {"index": 201},
        "path is too short": good | {"path": good["path"][:-1]},
        "path is too long": good | {"path": [*good["path"], good["path"][0]]},
        "the receipt": good | {"path": [flipped(good["path"][0]), *good["path"][1:]]},
        "signature is wrong": good | {"head": head | {"note": head["note"].replace("300", "301", 1)}},
        "does not cover": good | {"index": 300},
        "another one": good | {"personal": personal | {"content": flipped(personal["content"])}},
        "personal part is": good | {"personal": personal | {"salt": flipped(personal["salt"])}},
        "personal": good | {"personal": other["personal"]},
    }
    for words, lie in lies.items():
        code, said = verdict(tmp_path, lie)
        assert (code, "NOT VALID" in said) == (1, True), words
        assert words in said
    name, _, public = SIGNER.verifier_key.split("+", 2)
    code, said = verdict(tmp_path, good, key=f"{name}+00000000+{public}")
    assert (code, "damaged" in said) == (1, True)


def test_a_rewritten_log_does_not_continue_an_older_head(ledger: FilledLedger, tmp_path: Path) -> None:
    """A head of a log whose past is another is not the continuation of one that was kept."""
    ids = ledger.store(40, 100_000)
    newer = ledger.sign()
    other = FilledLedger(f"sqlite:///{tmp_path}/other.db", tmp_path / "other")
    other.store(30, 100_000)
    note, growth = tmp_path / "older.note", tmp_path / "growth.json"
    note.write_text(other.sign().note)
    other.close()
    with reading(ledger.engine) as connection:
        growth.write_text(prove_consistency(connection, 30, newer.head.size).model_dump_json())
    code, said = verdict(tmp_path, proof_of(ledger, ids[0]), str(note), str(growth))
    assert (code, "rewritten" in said) == (1, True)
