"""The applicant's letter and what would have changed the outcome, over real databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from credit.errors import DependencyUnavailable
from ledger.door.access_log import AccessLog
from ledger.door.app import create_app
from ledger.door.asking import LedgerParts
from ledger.door.notices import notice_routes
from ledger.notices.settings import NoticeSettings
from ledger.query.receipt import Receipt
from ledger.review.actor import Actor
from ledger.review.queue import ReviewQueue, ReviewRules
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES, VAULT, work, writer

pytestmark = pytest.mark.integration

BATCH = decision_batch(30, features=FEATURES)
DECLINED = next(BATCH.decision_ids[i] for i, outcome in enumerate(BATCH.outcome) if outcome == 2)


class Search:
    """Finds the same change each time, or is away."""

    def __init__(self) -> None:
        self.away = False

    def would_change(self, receipt: Receipt) -> dict[str, Any]:
        if self.away:
            raise DependencyUnavailable("away")
        fields = [{"field": "AMT_CREDIT", "before": 500_000.0, "after": 350_000.0}]
        return {
            "decision_id": receipt.row.decision_id,
            "reproduced": True,
            "status": "found",
            "decided_again": True,
            "decision": {"outcome": "approve"},
            "changes": [{"move": "borrow_less", "words": "Ask for less.", "fields": fields}],
        }


@pytest.fixture
def search() -> Search:
    return Search()


@pytest.fixture
def api(engine: Engine, search: Search) -> Iterator[TestClient]:
    writer(engine).store(work(BATCH))

    async def actor_of(request: Request) -> Actor:
        return Actor("ann", frozenset(request.headers.get("X-API-Key", "read").split(",")))

    queue = ReviewQueue(engine, VAULT, ReviewRules(300_000.0, 3.0, 1000))
    parts = LedgerParts(engine, VAULT, queue, AccessLog.beside(engine), actor_of)
    routes = notice_routes(search, NoticeSettings(bank="Bank of the Test"))
    with TestClient(create_app(parts, CollectorRegistry(), [routes])) as client:
        yield client


def test_a_letter_in_each_language_and_form(api: TestClient) -> None:
    """HTML and PDF, English and French, with the change that was decided again."""
    english = api.get(f"/v1/decisions/{DECLINED}/notice", params={"applicant": ["Ann Example", "1 Test Street"]})
    assert english.headers["content-type"].startswith("text/html")
    assert "Bank of the Test" in english.text
    assert "Ann Example" in english.text
    assert "350,000" in english.text
    french = api.get(f"/v1/decisions/{DECLINED}/notice", params={"language": "fr"})
    assert 'lang="fr"' in french.text
    pdf = api.get(f"/v1/decisions/{DECLINED}/notice", params={"format": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_a_letter_does_not_wait_for_a_search_that_is_away(api: TestClient, search: Search) -> None:
    """The letter is written all the same, and names no change."""
    search.away = True
    letter = api.get(f"/v1/decisions/{DECLINED}/notice")
    assert letter.status_code == 200
    assert "350,000" not in letter.text


def test_whoever_may_read_a_decision_may_ask_what_would_have_changed_it(api: TestClient, search: Search) -> None:
    """It decides nothing that counts; who may not read is refused, and a search that is away is 503."""
    path = f"/v1/decisions/{DECLINED}/counterfactual"
    assert api.post(path, headers={"X-API-Key": "decide"}).status_code == 403
    assert api.post(path).json()["status"] == "found"
    search.away = True
    assert api.post(path).status_code == 503
    assert api.get("/v1/decisions/abc/notice").status_code == 422
