"""The routes of portfolio, operations and identity over real databases."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, select

from credit.wire.audit import SourceRange, encode_audit, encode_rejections
from ledger.door.access_log import AccessLog
from ledger.door.app import create_app
from ledger.door.asking import LedgerParts
from ledger.door.identity import identity_routes
from ledger.door.operations import answered_lately, operation_routes
from ledger.door.portfolio import portfolio_routes
from ledger.errors import NoValidKey
from ledger.identity.identities import Identities
from ledger.portfolio.book import Book
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.following import Follower
from ledger.portfolio.making import FactsBeside
from ledger.portfolio.monitor import MonitorStatus
from ledger.review.actor import Actor
from ledger.review.queue import ReviewQueue, ReviewRules
from ledger.sink.decode import read_audit
from ledger.store import tables
from ledger.store.engine import reading
from ledger.store.rows import RecordPosition
from ledger.store.write import LedgerWriter, Moves, SinkWork
from tests.fixtures.decisions import decision_batch
from tests.fixtures.keys import memory_vault
from tests.fixtures.ledger import work
from tests.fixtures.portfolio import NobodyOnFile

pytestmark = pytest.mark.integration

CALLERS = {
    "manager": Actor("manager", frozenset({"read", "portfolio", "identity"})),
    "reader": Actor("reader", frozenset({"read"})),
    "admin": Actor("admin", frozenset({"admin"})),
}
FEATURES = ("DAYS_BIRTH", "AMT_CREDIT", "EXT_SOURCE_2")
PHOTO = "data:image/png;base64," + base64.b64encode(b"\x89PNG a face of 300005").decode()


async def actor_of(request: Request) -> Actor:
    try:
        return CALLERS[request.headers.get("X-API-Key", "")]
    except KeyError:
        raise NoValidKey("no valid API key") from None


@pytest.fixture
def vault():
    return memory_vault()


@pytest.fixture
def api(engine: Engine, vault, tmp_path: Path) -> Iterator[TestClient]:
    batch = decision_batch(60, 300_001, features=FEATURES)
    batch.features[:, 0] = np.where(np.arange(60) % 3 == 0, -25.5, -50.5) * 365.25
    batch.features[:, 1] = 250_000.0
    LedgerWriter(engine, vault, [FactsBeside(NobodyOnFile())]).store(work(batch))
    parts = LedgerParts(
        engine, vault, ReviewQueue(engine, vault, ReviewRules(1e6, 3.0, 1000)), AccessLog.beside(engine), actor_of
    )
    follower = Follower(engine, tmp_path / "portfolio")
    follower.step()
    counts = PortfolioCounts(follower, Book(tmp_path / "book.parquet"), tmp_path / "portfolio")
    routes = [
        portfolio_routes(counts),
        operation_routes(counts, MonitorStatus(None)),
        identity_routes(Identities(engine, vault, making_up=True)),
    ]
    with TestClient(create_app(parts, CollectorRegistry(), routes), headers={"X-API-Key": "manager"}) as client:
        yield client
    counts.close()
    follower.close()


ROUTES = (
    "/v1/portfolio/overview",
    "/v1/portfolio/themes/age",
    "/v1/portfolio/thresholds",
    "/v1/portfolio/choices",
    "/v1/operations/series",
    "/v1/operations/scores",
    "/v1/operations/health",
)


@pytest.mark.parametrize("path", ROUTES)
def test_every_view_answers_managers_and_nobody_else(api: TestClient, path: str) -> None:
    """The scope is asked by the door itself."""
    assert api.get(path).status_code == 200, api.get(path).text
    assert api.get(path, headers={"X-API-Key": "reader"}).status_code == 403
    assert api.get(path, headers={"X-API-Key": ""}).status_code == 401


def test_errors_are_those_of_a_span(engine: Engine, vault) -> None:
    """Dead letters of the applications answered since a moment, those of a micro-batch without a decision too."""
    assert answered_lately(engine, 0) == {"taken": 0, "dead_letters": 0}
    early, late = decision_batch(60, 300_001), decision_batch(4, 400_001)
    late.decided_ms[:] += 3_600_000
    payloads = [
        encode_audit(early, "kafka", [SourceRange("a", 0, 0, 60)], rejected=1),
        encode_audit(late, "kafka", [SourceRange("a", 0, 61, 66)], rejected=2),
        encode_rejections("kafka", [SourceRange("a", 0, 67, 69)], 3),
    ]
    audits = [read_audit(RecordPosition("audit", 0, offset), payload) for offset, payload in enumerate(payloads)]
    LedgerWriter(engine, vault, []).store(SinkWork(audits=audits, moves=[Moves("audit", 0, 0, 3)]))
    assert answered_lately(engine, 0) == {"taken": 70, "dead_letters": 6}
    assert answered_lately(engine, int(late.decided_ms[0])) == {"taken": 9, "dead_letters": 5}
    assert answered_lately(engine, int(late.decided_ms[0]) + 1) == {"taken": 0, "dead_letters": 0}


def test_a_theme_tells_bands_findings_and_what_may_be_done(api: TestClient) -> None:
    """The young are all approved here and the others never: the contrast is found, and asks for fairness by age."""
    told = api.get("/v1/portfolio/themes/age").json()
    bands = {band["band"]: band for band in told["bands"] if band["count"]}
    assert (bands["25-30"]["count"], bands["25-30"]["approval_rate"]) == (20, 1.0)
    assert (bands["50-55"]["count"], bands["50-55"]["approval_rate"]) == (40, 0.0)
    codes = {finding["code"]: finding["values"] for finding in told["findings"]}
    assert codes["approval_contrast"]["band_high"] == "25-30"
    assert told["protected"] is True
    assert {one["code"] for one in told["recommendations"]} == {"review_fairness", "collect_outcomes"}
    nobody = api.get("/v1/portfolio/themes/age", params={"amount_from": 500_000}).json()
    assert sum(band["count"] for band in nobody["bands"]) == 0


def test_what_is_asked_wrongly_is_said(api: TestClient) -> None:
    """A theme that is none, a parameter misspelt, a word that is none, and a book that was not made."""
    assert api.get("/v1/portfolio/themes/colour").status_code == 422
    assert api.get("/v1/portfolio/overview", params={"amount_form": 1}).json()["errors"][0]["field"] == "amount_form"
    assert api.get("/v1/portfolio/overview", params={"family": "Maried"}).json()["errors"][0]["field"] == "family"
    gone = api.get("/v1/portfolio/overview", params={"source": "book"})
    assert (gone.status_code, "loanstream book" in gone.json()["detail"]) == (404, True)


def test_health_tells_of_the_ledger_while_the_monitor_is_away(api: TestClient) -> None:
    """What is not known is null, not nothing."""
    told = api.get("/v1/operations/health").json()
    assert told["ledger"]["decisions"] == 60
    assert told["completeness"] is told["lag"] is told["drift"] is None


def test_an_identity_is_kept_sealed_and_every_look_is_logged(api: TestClient, engine: Engine, vault) -> None:
    """An admin gives it, who may sees it, the database holds none of it in the clear."""
    path = "/v1/clients/300005/identity"
    assert api.put(path, json={"name": "Ada Example", "photo": PHOTO}).status_code == 403
    given = api.put(path, json={"name": "Ada Example", "photo": PHOTO}, headers={"X-API-Key": "admin"})
    assert given.status_code == 200, given.text
    assert api.get(path).json() == {"name": "Ada Example", "photo": PHOTO, "made_up": False}
    assert api.get(path, headers={"X-API-Key": "reader"}).status_code == 403
    with reading(engine) as connection:
        (row,) = connection.execute(select(tables.identities)).all()
    assert b"Ada" not in bytes(row.sealed)
    entries = AccessLog.beside(engine).read(vault.lookup("client", "300005"), None, 10)
    assert [(entry.actor, entry.action) for entry in entries] == [("manager", "identity"), ("admin", "identity given")]


def test_an_identity_ends_with_the_clients_key(api: TestClient, vault) -> None:
    """Erased: gone, and none is made up in its place, until the client comes anew."""
    path = "/v1/clients/300006/identity"
    api.put(path, json={"name": "Bo Example"}, headers={"X-API-Key": "admin"})
    vault.erase("300006")
    gone = api.get(path)
    assert (gone.status_code, gone.headers["content-type"]) == (410, "application/problem+json")
    api.put(path, json={"name": "Bo Again"}, headers={"X-API-Key": "admin"})
    assert api.get(path).json()["name"] == "Bo Again"


def test_a_client_without_one_gets_a_made_up_one_that_says_so(api: TestClient) -> None:
    """Where the setting is on: a name and a drawn face, marked."""
    made = api.get("/v1/clients/999999/identity").json()
    assert made["made_up"] is True
    assert made["photo"].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("photo", ["data:image/svg+xml;base64,AAAA", "http://somewhere/face.png", "AAAA"])
def test_a_photo_that_could_do_something_is_refused(api: TestClient, photo: str) -> None:
    """Drawings of others may hold scripts, addresses lead elsewhere."""
    sent = api.put("/v1/clients/1/identity", json={"name": "X", "photo": photo}, headers={"X-API-Key": "admin"})
    assert sent.status_code == 422
