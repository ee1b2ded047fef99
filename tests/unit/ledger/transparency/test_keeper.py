"""Heads are signed as the log grows, kept, and published once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from credit.errors import DependencyUnavailable
from credit.wire.tree_head import TreeHeadMessage
from ledger.store.engine import reading
from ledger.transparency.heads import read_head
from ledger.transparency.keeper import HeadKeeper
from ledger.transparency.proof import NotSignedYet, current_head, prove_receipt
from ledger.transparency.tables import all_heads
from tests.unit.ledger.transparency.stored import SIGNER, FilledLedger


class Topic:
    """A topic in memory, that is away while told so."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.away = False

    def publish(self, key: bytes, value: bytes) -> None:
        if self.away:
            raise DependencyUnavailable("the topic is away")
        self.records.append((key, value))


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 2.0
        return self.now


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    yield made
    made.close()


def test_a_head_is_signed_kept_and_published_when_the_log_has_grown(ledger: FilledLedger) -> None:
    """One head for each growth, none for an empty log, none twice; what was published is what is kept."""
    topic = Topic()
    keeper = HeadKeeper(ledger.engine, SIGNER, topic, clock=Clock())
    assert keeper() is None
    ledger.store(10, 100_000)
    first = keeper()
    assert first is not None
    assert first.head.size == 10
    assert keeper() is None
    ledger.store(5, 200_000)
    second = keeper()
    assert second is not None
    assert second.head.size == 15
    with reading(ledger.engine) as connection:
        assert all_heads(connection, SIGNER.verifier_key) == [first, second]
    messages = [TreeHeadMessage.model_validate_json(value) for _, value in topic.records]
    assert [read_head(m.note, SIGNER.verifier_key) for m in messages] == [first, second]
    assert ledger.verify().whole


def test_heads_are_not_signed_more_often_than_told(ledger: FilledLedger) -> None:
    """Between two heads there is at least the stated time, however often it is called."""
    topic = Topic()
    keeper = HeadKeeper(ledger.engine, SIGNER, topic, every_s=7.0, clock=Clock())
    sizes = []
    for number in range(8):
        ledger.store(1, 100_000 + 10 * number)
        published = keeper()
        sizes.append(published.head.size if published else 0)
    assert sizes == [1, 0, 0, 0, 5, 0, 0, 0]


def test_a_head_that_could_not_be_published_is_published_later(
    ledger: FilledLedger, caplog: pytest.LogCaptureFixture
) -> None:
    """Without brokers the sink goes on; the next call publishes, also after a start anew."""
    topic = Topic()
    topic.away = True
    ledger.store(10, 100_000)
    assert HeadKeeper(ledger.engine, SIGNER, topic, clock=Clock())() is None
    assert "not published yet" in caplog.text
    topic.away = False
    again = HeadKeeper(ledger.engine, SIGNER, topic, clock=Clock())()
    assert again is not None
    assert len(topic.records) == 1


def test_a_receipt_is_proved_once_a_head_covers_it(ledger: FilledLedger) -> None:
    """Before the first head, and between two, the answer is to ask again, not a proof without a signature."""
    with reading(ledger.engine) as connection, pytest.raises(NotSignedYet):
        current_head(connection, SIGNER.verifier_key)
    [early] = ledger.store(1, 100_000)
    with reading(ledger.engine) as connection, pytest.raises(NotSignedYet):
        prove_receipt(connection, ledger.vault, early, SIGNER.verifier_key)
    head = ledger.sign()
    [late] = ledger.store(1, 200_000)
    with reading(ledger.engine) as connection:
        proof = prove_receipt(connection, ledger.vault, early, SIGNER.verifier_key)
        assert (proof.index, proof.head, proof.personal) == (0, head.message(), None)
        with pytest.raises(NotSignedYet):
            prove_receipt(connection, ledger.vault, late, SIGNER.verifier_key)
