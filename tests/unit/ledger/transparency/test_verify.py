"""Verifying a ledger: what is whole is found whole, and whatever was done to it is found and named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.transparency.heads import HeadSigner, SignedHead
from ledger.transparency.log import TileKey
from ledger.transparency.verify import Finding, Verification, verify_all, verify_one
from tests.unit.ledger.transparency.receipts import MadeLedger, TwoLineModel

SIGNER = HeadSigner(Ed25519PrivateKey.from_private_bytes(b"k" * 32), "test")


def signed(ledger: MadeLedger) -> SignedHead:
    size = ledger.log.size()
    return SIGNER.sign(size, ledger.log.root(size), 1)


def made(n: int) -> tuple[MadeLedger, list[SignedHead]]:
    """Return a ledger with n receipts, and heads signed in its middle and at its end."""
    ledger = MadeLedger()
    ledger.add(n // 2)
    heads = [signed(ledger)]
    ledger.add(n - n // 2)
    return ledger, [*heads, signed(ledger)]


def logged_anew(ledger: MadeLedger) -> None:
    """Make the log again from the rows as they are, as somebody who owns the database could."""
    ledger.tiles.tiles, ledger.tiles.count = {}, 0
    receipts = [row.receipt for row in ledger.rows]
    ledger.log.append(
        [r.leaf_hash() for r in receipts], [r.decision_id for r in receipts], [r.content_hash for r in receipts]
    )


def checked(ledger: MadeLedger, heads: list[SignedHead]) -> Verification:
    return verify_all(ledger.log, heads, ledger, TwoLineModel())


def kinds(done: Verification) -> set[tuple[str, str | None]]:
    return {(finding.kind, finding.decision_id) for finding in done.findings}


@pytest.mark.parametrize("n", [2, 255, 1024, 2500])
def test_a_whole_ledger_is_whole(n: int) -> None:
    """Every receipt is checked and decided again, and nothing is found."""
    ledger, heads = made(n)
    done = checked(ledger, heads)
    assert done.findings == []
    assert (done.receipts, done.recomputed, done.erased, done.unsigned) == (n, n, 0, 0)


def test_rows_are_decided_again_in_batches() -> None:
    """A thousand rows of one model are one call of it."""
    ledger, heads = made(1024)
    model = TwoLineModel()
    verify_all(ledger.log, heads, ledger, model)
    assert model.asked == [1024]


FIELDS = {
    "client": b"\x01" * 16,
    "submitted_ms": 99,
    "decided_ms": 99,
    "outcome": "refer",
    "raw": 0.25,
    "expected_value": 0.25,
    "probability": 0.25,
    "points": 123_456,
    "reasons": ("R02",),
    "model_name": "other",
    "model_version": "2",
    "model_digest": "e" * 64,
    "policy_digest": "q" * 64,
    "mode": "reasons_unavailable",
    "door": "http",
    "history": False,
    "source": "elsewhere",
    "content_hash": b"c" * 32,
    "box_hash": b"b" * 32,
}


@pytest.mark.parametrize("name", FIELDS)
def test_an_altered_row_is_named(name: str) -> None:
    """Whichever field of a row is changed, that decision is named, and no other."""
    ledger, heads = made(300)
    decision_id = ledger.rows[123].receipt.decision_id
    ledger.alter(123, **{name: FIELDS[name]})
    assert kinds(checked(ledger, heads)) == {("altered", decision_id)}
    assert kinds(verify_one(123, ledger.log, heads[-1], ledger, TwoLineModel())) == {("altered", decision_id)}
    assert verify_one(122, ledger.log, heads[-1], ledger, TwoLineModel()).whole


def test_a_removed_row_is_named() -> None:
    """A row that is gone is named by the log, though the ledger knows nothing of it any more."""
    ledger, heads = made(600)
    decision_id = ledger.rows[400].receipt.decision_id
    del ledger.rows[400]
    assert kinds(checked(ledger, heads)) == {("removed", decision_id)}
    assert kinds(verify_one(400, ledger.log, heads[-1], ledger, TwoLineModel())) == {("removed", decision_id)}


def test_inserted_rows_are_named() -> None:
    """A row beyond the log, a second row at a place, and one in place of another: each is named."""
    ledger, heads = made(300)
    template = ledger.rows[7]
    beyond, second, instead = (
        replace(template, index=index, receipt=replace(template.receipt, decision_id=name))
        for index, name in ((5000, "beyond"), (20, "second"), (30, "instead"))
    )
    gone = ledger.rows[30].receipt.decision_id
    ledger.rows[30] = instead
    ledger.rows.insert(21, second)
    ledger.rows.append(beyond)
    done = checked(ledger, heads)
    assert kinds(done) == {("inserted", "beyond"), ("inserted", "second"), ("inserted", "instead")}
    assert any(gone in finding.detail for finding in done.findings)
    for index, name in ((5000, "beyond"), (30, "instead")):
        assert kinds(verify_one(index, ledger.log, heads[-1], ledger, TwoLineModel())) == {("inserted", name)}


def test_a_row_that_retention_removed_is_no_finding() -> None:
    """What retention took is counted apart; what it should not have taken is removed."""
    ledger, heads = made(300)
    ledger.gone_by_retention = {0, 1, 2}
    decision_id = ledger.rows[50].receipt.decision_id
    ledger.rows = [row for row in ledger.rows if row.index not in (0, 1, 2, 50)]
    done = checked(ledger, heads)
    assert kinds(done) == {("removed", decision_id)}
    assert done.retired == 3
    one = verify_one(1, ledger.log, heads[-1], ledger, TwoLineModel())
    assert (one.whole, one.retired, one.receipts) == (True, 1, 0)


def test_proofs_hold_after_an_erasure() -> None:
    """With a client's key destroyed its receipt is still proved, and counted as not recomputed; nothing is found."""
    ledger, heads = made(300)
    ledger.vault.erase("17")
    done = checked(ledger, heads)
    assert done.findings == []
    assert (done.receipts, done.recomputed, done.erased) == (300, 299, 1)
    one = verify_one(17, ledger.log, heads[-1], ledger, TwoLineModel())
    assert (one.whole, one.erased) == (True, 1)


def test_a_box_altered_after_an_erasure_is_still_named() -> None:
    """Nobody can open the box any more, and a changed byte in it shows all the same."""
    ledger, heads = made(300)
    ledger.vault.erase("17")
    ledger.alter(17, box_hash=b"x" * 32)
    assert kinds(checked(ledger, heads)) == {("altered", ledger.rows[17].receipt.decision_id)}


def test_a_decision_that_the_model_would_not_take_is_named() -> None:
    """A receipt that was false when it was logged is in the log, and decided again it shows."""
    ledger = MadeLedger()
    ledger.add(10)
    ledger.alter(4, outcome="refer", points=7)
    logged_anew(ledger)
    done = checked(ledger, [signed(ledger)])
    assert kinds(done) == {("decided_otherwise", ledger.rows[4].receipt.decision_id)}
    assert "points, outcome" in done.findings[0].detail
    assert "score" not in done.findings[0].detail


def test_a_model_that_is_gone_is_said() -> None:
    """Receipts of a model that nobody has any more are named as not tried, not passed over."""
    ledger = MadeLedger()
    ledger.add(3)
    ledger.add(2, digest="e" * 64)
    done = checked(ledger, [signed(ledger)])
    assert {finding.kind for finding in done.findings} == {"model_missing"}
    assert [finding.index for finding in done.findings] == [3, 4]
    assert done.recomputed == 3


def test_a_rewritten_log_is_found_by_its_heads() -> None:
    """Who alters a row and makes the whole log anew is found by a head that was signed, and the span is said."""
    ledger, heads = made(600)
    ledger.alter(450, points=123_456)
    logged_anew(ledger)
    done = checked(ledger, heads)
    assert ("log", None) in kinds(done)
    assert any("place 300 to 599" in finding.detail for finding in done.findings)


def test_a_shortened_log_is_found() -> None:
    """A log that ends before a head that was signed has lost its end."""
    _, heads = made(300)
    shorter, _ = made(200)
    done = verify_all(shorter.log, [heads[-1]], shorter, TwoLineModel())
    assert any(finding.kind == "log" and "end at 200" in finding.detail for finding in done.findings)


def test_a_leaf_changed_with_its_row_is_found() -> None:
    """A row altered together with its hash in the log: the tile above does not continue from it."""
    ledger, heads = made(600)
    ledger.alter(100, points=123_456)
    tile = bytearray(ledger.tiles.tiles[TileKey(0, 0)])
    tile[100 * 32 : 101 * 32] = ledger.rows[100].receipt.leaf_hash()
    ledger.tiles.tiles[TileKey(0, 0)] = bytes(tile)
    done = checked(ledger, heads)
    assert any(finding.kind == "log" and "places 0 to 255" in finding.detail for finding in done.findings)


def test_rows_after_the_last_head_are_checked_and_said() -> None:
    """What was added since the last head is held against the log, and counted as not signed yet."""
    ledger, heads = made(300)
    ledger.add(20)
    done = checked(ledger, heads)
    assert (done.whole, done.unsigned, done.receipts) == (True, 20, 320)
    ledger.alter(310, points=123_456)
    assert kinds(checked(ledger, heads)) == {("altered", ledger.rows[310].receipt.decision_id)}
    assert verify_one(315, ledger.log, heads[-1], ledger, TwoLineModel()).unsigned == 1


def test_progress_is_told() -> None:
    """Whoever waits is told how far it is."""
    ledger, heads = made(1500)
    told: list[tuple[int, int]] = []
    verify_all(ledger.log, heads, ledger, TwoLineModel(), lambda done, of: told.append((done, of)))
    assert told == [(1024, 1500), (1500, 1500)]


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_three_changes_are_all_found(data: st.DataObject) -> None:
    """One row altered, one removed, one added anywhere: each is found and named, and nothing else is."""
    ledger, heads = made(260)
    altered, removed = data.draw(st.lists(st.integers(0, 259), min_size=2, max_size=2, unique=True))
    name = data.draw(st.sampled_from(sorted(FIELDS)))
    names = {index: ledger.rows[index].receipt.decision_id for index in (altered, removed)}
    ledger.alter(altered, **{name: FIELDS[name]})
    added = replace(ledger.rows[0], index=data.draw(st.integers(260, 10**9)))
    added = replace(added, receipt=replace(added.receipt, decision_id="added"))
    del ledger.rows[removed]
    ledger.rows.append(added)
    assert kinds(checked(ledger, heads)) == {
        ("altered", names[altered]),
        ("removed", names[removed]),
        ("inserted", "added"),
    }


def test_a_finding_is_one_line_that_names_the_decision() -> None:
    """What the command prints names kind, decision, place and what is wrong."""
    finding = Finding("altered", "some-id", 7, "the row is not what its leaf commits to")
    assert str(finding) == "altered some-id (place 7): the row is not what its leaf commits to"
