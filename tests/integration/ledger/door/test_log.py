"""The log's routes and the callers' keys over real databases."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select

from access.caller import AccessScope
from access.keys import KeyFile
from ledger.door.wiring import door_of
from ledger.settings import LedgerSettings
from ledger.store import tables
from ledger.store.engine import connect, reading, writing
from ledger.store.write import LedgerWriter
from ledger.transparency.heads import read_head
from ledger.transparency.keeper import HeadKeeper
from ledger.transparency.merkle import check_consistency, leaf_hash
from ledger.transparency.notary import Notary
from ledger.wiring import signer_of, vault_of
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, work

pytestmark = pytest.mark.integration


class NoTopic:
    def publish(self, key: bytes, value: bytes) -> None:
        pass


class Bank:
    """A ledger with its door, and what is needed to add to it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = LedgerSettings(
            home=folder / "ledger", database_url=SecretStr(url), api_key=SecretStr("the-home-key")
        )
        self.engine = connect(url)
        self.vault = vault_of(self.settings)
        self.signer = signer_of(self.settings)
        self.keeper = HeadKeeper(self.engine, self.signer, NoTopic(), every_s=0.0)

    def store(self, n: int, first_id: int, offset: int) -> list[str]:
        batch = decision_batch(n, first_id, features=FEATURES)
        LedgerWriter(self.engine, self.vault, [Notary(self.vault)]).store(work(batch, offset))
        return batch.decision_ids


@pytest.fixture
def bank(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    monkeypatch.setenv("LOANSTREAM_API_KEYS_FILE", str(tmp_path / "api-keys.json"))
    made = Bank(migrated_url, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def api(bank: Bank) -> Iterator[TestClient]:
    with TestClient(door_of(bank.settings, bank.engine), headers={"X-API-Key": "the-home-key"}) as client:
        yield client


def test_a_decision_is_proved_over_http(bank: Bank, api: TestClient) -> None:
    """The head is the log's own, the proof leads to it, and the personal part comes only where it is asked for."""
    ids = bank.store(20, 100_000, 0)
    assert api.get("/v1/log/head").status_code == 503
    assert api.get(f"/v1/decisions/{ids[3]}/proof").status_code == 503
    bank.keeper()
    head = api.get("/v1/log/head").json()
    assert read_head(head["note"], bank.signer.verifier_key).head.size == 20
    proof = api.get(f"/v1/decisions/{ids[3]}/proof").json()
    assert (proof["index"], proof["personal"], proof["head"]) == (3, None, head)
    assert leaf_hash(proof["leaf"].encode())
    assert api.get(f"/v1/decisions/{ids[3]}/proof?personal=true").json()["personal"]["salt"]
    forged = "11111111-1111-1111-1111-111111111111"
    assert api.get(f"/v1/decisions/{forged}/proof").status_code == 404
    with writing(bank.engine) as connection:
        for table in ("decisions", "payloads", "register"):
            columns = [column.name for column in tables.METADATA.tables[table].columns]
            copied = ["20" if c == "seq" else f"'{forged}'" if c == "decision_id" else c for c in columns]
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(copied)} FROM {table} WHERE seq = 5"
            )
    refused = api.get(f"/v1/decisions/{forged}/proof")
    assert (refused.status_code, "the log has no such decision" in refused.json()["detail"]) == (409, True)


def test_growth_is_proved_over_http(bank: Bank, api: TestClient) -> None:
    """Two heads are consistent by the path that the API gives; sizes that the log never had are refused."""
    bank.store(20, 100_000, 0)
    first = bank.keeper()
    bank.store(30, 200_000, 1)
    second = bank.keeper()
    assert first is not None
    assert second is not None

    path = [base64.b64decode(p) for p in api.get("/v1/log/consistency?first=20&second=50").json()["path"]]
    check_consistency(20, 50, path, first.head.root, second.head.root)
    assert api.get("/v1/log/consistency?first=50&second=20").status_code == 409
    assert api.get("/v1/log/consistency?first=20&second=5000").status_code == 409


def test_named_keys_are_held_to_their_scopes_and_named_in_the_log_of_accesses(
    bank: Bank, api: TestClient, tmp_path: Path
) -> None:
    """A key made while the door runs may do what its scopes say; who read whose proof is written down by name."""
    [decision_id, *_] = bank.store(5, 100_000, 0)
    bank.keeper()
    keys = KeyFile(tmp_path / "api-keys.json")
    reader = {"X-API-Key": keys.add("desk", frozenset({AccessScope.READ}))}
    assert api.get(f"/v1/decisions/{decision_id}/proof", headers=reader).status_code == 200
    assert api.get("/v1/accesses", headers=reader).status_code == 403
    keys.revoke("desk")
    assert api.get("/v1/log/head", headers=reader).status_code == 401
    accesses = api.get("/v1/accesses").json()
    assert [entry["by"] for entry in accesses["accesses"] if entry["action"] == "proof"] == ["desk"]


def test_an_erased_client_is_found_by_nobody(bank: Bank, api: TestClient) -> None:
    """After an erasure the client's list is empty, the receipt has nothing personal, and its proof holds."""
    ids = bank.store(5, 100_000, 0)
    bank.keeper()
    assert len(api.get("/v1/clients/100002/decisions").json()["decisions"]) == 1
    assert bank.vault.erase("100002")
    assert api.get("/v1/clients/100002/decisions").json()["decisions"] == []
    assert api.get(f"/v1/decisions/{ids[2]}/proof?personal=true").json()["personal"] is None
    receipt = api.get(f"/v1/decisions/{ids[2]}").json()
    assert (receipt["erased"], receipt["sk_id_curr"], receipt["features"]) == (True, None, {})
    assert receipt["reasons"][0]["value"] is None
    assert receipt["outcome"] in ("approve", "refer", "decline")
    with reading(bank.engine) as connection:
        assert connection.execute(select(tables.decisions.c.seq)).all()
