"""The ledger's processes as the stack starts them, from a decision on a topic to a review's result on another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from access.caller import AccessScope
from access.keys import KeyFile
from credit.schema import COLUMN_INDEX
from credit.wire.review import ReviewMessage
from loanstream.cli import app
from loanstream.ledger_api import LedgerApi, LedgerRefused
from loanstream.stack import ledger
from loanstream.stack.home import Home
from loanstream.stack.ports import free_stack_ports
from loanstream.stack.process import Processes
from loanstream.stack.surroundings import Place
from streaming.kafka.reading import read_topics
from tests.fixtures.broker import Stream
from tests.fixtures.decisions import decision_batch
from tests.fixtures.ledger import FEATURES
from tests.fixtures.ledger_topics import produce

pytestmark = pytest.mark.integration


@pytest.fixture
def place(stream: Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("audit", "decisions", "outcomes", "reviews"):
        monkeypatch.setenv(f"LOANSTREAM_KAFKA_{name.upper()}_TOPIC", getattr(stream.settings, f"{name}_topic"))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", stream.bootstrap)
    monkeypatch.setenv("LOANSTREAM_LEDGER_TRANSACTIONAL_ID", f"tx-{stream.settings.reviews_topic}")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = Home.at(tmp_path)
    home.prepare()
    processes = Processes(home)
    made = Place.of(home, free_stack_ports())
    try:
        ledger.start(made, processes)
        yield made
    finally:
        processes.stop_all()


def test_from_a_decision_to_its_reviews_result(place: Place, stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decided, kept, found by its client, taken, overturned, and told on loan-reviews once; above the limit by two."""
    batch = decision_batch(9, features=FEATURES)
    amounts = batch.applications.values[:, COLUMN_INDEX["AMT_CREDIT"]]
    amounts[:] = 100_000.0
    amounts[4] = 2_000_000.0
    produce(stream, [batch])
    api = LedgerApi(place.ledger, place.home.api_key())
    until = time.monotonic() + 60
    while len(api.decisions({}, 20)) < 9:
        assert time.monotonic() < until, place.home.log(ledger.SINK).read_text()
        time.sleep(0.1)
    (mine,) = api.decisions({"client": 100_002}, 5)
    assert mine["decision_id"] == batch.decision_ids[1]
    monkeypatch.setenv("LOANSTREAM_LEDGER_URL", place.ledger)
    (large,) = [r for r in api.reviews({}) if r["decision_id"] == batch.decision_ids[4]]
    four_eyes(place, large["review_id"])
    taken = api.take(None)
    with pytest.raises(LedgerRefused) as refused:
        api.take(taken["review_id"])
    assert refused.value.status == 409
    decided = api.decide_review(taken["review_id"], "overturn", "data_wrong", "The amount was in another currency.")
    assert decided["state"] == "closed"
    assert api.receipt(taken["decision_id"])["final_outcome"] == decided["final_outcome"]
    told: list[ReviewMessage] = []
    while len(told) < 2:
        assert time.monotonic() < until + 60, place.home.log(ledger.SINK).read_text()
        records = read_topics(stream.bootstrap, [stream.settings.reviews_topic])
        told = [ReviewMessage.model_validate_json(record.value or b"") for record in records]
    first, message = sorted(told, key=lambda one: one.event_no)
    assert (first.decision_id, first.proposed_by, first.reviewed_by) == (batch.decision_ids[4], "ann", "ben")
    assert (message.decision_id, message.final_outcome) == (taken["decision_id"], decided["final_outcome"])


def four_eyes(place: Place, review: str) -> None:
    """Decide a review by command as two persons do: proposed, sent back, proposed again, confirmed."""
    keys = KeyFile(place.home.api_keys_file)
    key_of = {name: keys.add(name, frozenset({AccessScope.READ, AccessScope.REVIEW})) for name in ("ann", "ben")}

    def run(name: str, *arguments: str) -> str:
        command = ["--home", str(place.home.root), "review", *arguments]
        return CliRunner().invoke(app, command, env={"LOANSTREAM_API_KEY": key_of[name]}).output

    proposal = ("decide", review, "overturn", "--reason", "documents_shown")
    assert review in run("ann", "take", review)
    assert "a second person" in run("ann", *proposal)
    assert "error: a second person has to look at this" in run("ann", "confirm", review)
    assert f"{review}: sent back to ann" in run("ben", "send-back", review, "--text", "Which documents?")
    assert "a second person" in run("ann", *proposal, "--text", "Payslips of three months.")
    assert f"{review}: closed, final outcome" in run("ben", "confirm", review, "--text", "Seen.")
    assert "error: this review was decided by ben already" in run("ben", "send-back", review)
