"""Databases that cannot be written to: nothing is lost, nothing is stored twice, and every answer is a clear one."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, func, select

from ledger.door.access_log import AccessLog
from ledger.door.app import create_app
from ledger.door.asking import LedgerParts
from ledger.errors import LedgerUnavailable
from ledger.review.actor import Actor
from ledger.review.queue import ReviewQueue, ReviewRules
from ledger.store import tables
from ledger.store.engine import connect, reading, writing
from ledger.store.migrate import VERSION_TABLE
from ledger.vault.key_store import open_key_store
from ledger.vault.vault import ClientVault
from tests.fixtures.decisions import decision_batch
from tests.fixtures.keys import MASTER
from tests.fixtures.ledger import FEATURES, VAULT, migrated, work, writer

pytestmark = pytest.mark.integration


class SmallDisk:
    """A file system of a few megabytes that can be filled and made larger."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._mount("-o", f"size={megabytes}m", "-t", "tmpfs", "tmpfs")

    def fill(self) -> None:
        """Leave no byte."""
        with (self.folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert shutil.disk_usage(self.folder).free == 0

    def make_room(self) -> None:
        (self.folder / "filler").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _mount(self, *arguments: str) -> None:
        try:
            done = subprocess.run(["mount", *arguments, str(self.folder)], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            pytest.skip("no program to mount a small disk with")
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    made = SmallDisk(folder, megabytes=8)
    yield made
    made.remove()


async def ann(_: Request) -> Actor:
    return Actor("ann", frozenset({"read", "review"}))


def door(engine: Engine) -> TestClient:
    queue = ReviewQueue(engine, VAULT, ReviewRules(1e12, 3.0, 1000))
    return TestClient(create_app(LedgerParts(engine, VAULT, queue, AccessLog.beside(engine), ann), CollectorRegistry()))


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(tables.decisions)).scalar_one())


def test_a_full_disk_keeps_what_is_stored_and_takes_the_rest_later(disk: SmallDisk) -> None:
    """The sink's transaction fails whole; with room again the same work is stored, once."""
    engine = migrated(f"sqlite:///{disk.folder}/ledger.db")
    writer(engine).store(work(decision_batch(30, features=FEATURES)))
    disk.fill()
    more = work(decision_batch(2000, first_id=200_001, features=FEATURES), offset=1)
    for _ in range(3):
        with pytest.raises(LedgerUnavailable, match="full"):
            writer(engine).store(more)
    assert count(engine) == 30
    disk.make_room()
    assert writer(engine).store(more).decisions == 2000
    assert count(engine) == 2030
    engine.dispose()


def test_a_full_disk_makes_no_key_that_is_lost_again(disk: SmallDisk) -> None:
    """A client whose key cannot be kept is not named: nothing is sealed under a key that nobody will have."""
    vault = ClientVault(open_key_store(f"sqlite:///{disk.folder}/keys.db"), MASTER)
    [known] = vault.names(["1"])
    disk.fill()
    with pytest.raises(LedgerUnavailable, match="full"):
        vault.names([str(n) for n in range(2, 5000)])
    assert vault.names(["1"]) == [known]
    disk.make_room()
    assert len(set(vault.names([str(n) for n in range(1, 5000)]))) == 4999


def test_on_a_full_disk_the_door_shows_nothing_that_it_cannot_log(disk: SmallDisk) -> None:
    """Lists that name no client are answered; a receipt, a review's act and a comment are 503 with a word on it."""
    engine = migrated(f"sqlite:///{disk.folder}/ledger.db")
    batch = decision_batch(30, features=FEATURES)
    batch.features[:, 0] = 100_000.0
    writer(engine).store(work(batch))
    api = door(engine)
    review = api.get("/v1/reviews").json()["reviews"][0]["review_id"]
    disk.fill()
    statuses = set()
    for _ in range(400):  # pages that are there already take a few rows still
        statuses.add(api.get(f"/v1/decisions/{batch.decision_ids[0]}").status_code)
        if 503 in statuses:
            break
    assert statuses <= {200, 503}
    assert 503 in statuses
    refused = api.post(f"/v1/reviews/{review}/comment", json={"text": "x" * 4000})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "full" in refused.json()["detail"]
    assert len(api.get("/v1/decisions").json()["decisions"]) == 30
    disk.make_room()
    assert api.post(f"/v1/reviews/{review}/take").status_code == 200
    assert api.get(f"/v1/decisions/{batch.decision_ids[0]}").status_code == 200
    engine.dispose()


def test_a_locked_database_leaves_a_review_as_it_was(tmp_path: Path) -> None:
    """Whoever acts meanwhile is told to try again, readers are answered, and the act is done once afterwards."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    engine = migrated(url)
    batch = decision_batch(30, features=FEATURES)
    writer(engine).store(work(batch))
    impatient = connect(url, patience_s=0.1)
    api = door(impatient)
    review = api.get("/v1/reviews").json()["reviews"][0]["review_id"]
    with writing(engine):
        refused = api.post(f"/v1/reviews/{review}/take")
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert "locked" in refused.json()["detail"]
        assert api.get(f"/v1/decisions/{batch.decision_ids[0]}").status_code == 200
        with pytest.raises(LedgerUnavailable, match="locked"):
            writer(impatient).store(work(decision_batch(5, first_id=300_001, features=FEATURES), offset=1))
    assert api.post(f"/v1/reviews/{review}/take").status_code == 200
    assert count(engine) == 30


@pytest.mark.parametrize("process", ["ledger.sink", "ledger.door"])
def test_a_process_refuses_what_it_cannot_work_with_in_one_line(
    process: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of a later version, or keys under another master key: exit code 1, one line, nothing changed."""
    for name in ("DATABASE_URL", "LOANSTREAM_LEDGER_MASTER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOANSTREAM_API_KEY", "k")
    monkeypatch.setenv("LOANSTREAM_LEDGER_HOME", str(tmp_path))
    monkeypatch.setenv("LOANSTREAM_LEDGER_PORT", "0")
    monkeypatch.setenv("LOANSTREAM_LEDGER_SINK_PORT", "0")
    engine = migrated(f"sqlite:///{tmp_path}/ledger.db")
    ClientVault(open_key_store(f"sqlite:///{tmp_path}/keys/keys.db"), MASTER)
    (code, said) = started(process)
    assert (code, "another master key" in said, said.count("error:")) == (1, True, 1), said
    with writing(engine) as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    (code, said) = started(process)
    assert (code, "9999" in said, said.count("error:")) == (1, True, 1), said
    assert "Traceback" not in said


def started(process: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", process], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr
