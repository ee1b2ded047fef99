"""Checks stored receipts against the log, the log against its signed heads, and the decisions against themselves.

What each finding means: `altered` - a row is not what its leaf commits to; `removed` - a leaf has no row; `inserted` -
a row has no leaf, or stands in another's place; `log` - the log's own hashes do not lead to a head that was signed;
`decided_otherwise` - the same inputs, model and policy give something else; `model_missing` - they cannot be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from credit.errors import ModelNotFound, ModelRefused
from ledger.transparency.content import ContentRefused, read_contents
from ledger.transparency.heads import SignedHead
from ledger.transparency.log import TILE_WIDTH, MerkleLog
from ledger.transparency.merkle import HASH_BYTES, ProofRefused, check_inclusion, complete_root
from ledger.transparency.receipt import PublicReceipt, content_hash
from ledger.transparency.recompute import DecidedBy, Recompute, differences

Kind = Literal["altered", "removed", "inserted", "log", "decided_otherwise", "model_missing"]

# Rows checked together: enough for the kernels of explanation to work in lanes, small beside the memory of a laptop.
CHUNK = 4 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A receipt as the ledger's rows tell it; index: its place in the log; box: the sealed personal part."""

    index: int
    receipt: PublicReceipt
    box: bytes


@dataclass(frozen=True, slots=True)
class OpenedContent:
    """The bytes of a personal part and the salt, of 32 bytes, under which its receipt commits to them."""

    content: bytes
    salt: bytes


class ReceiptShelf(Protocol):
    """Where receipts are stored, as the verifier sees it."""

    def receipts(self, begin: int, end: int) -> Sequence[StoredReceipt]:
        """Return the rows whose place in the log is from `begin` up to `end`, that one excluded, in order."""
        ...

    def strays(self, size: int) -> Sequence[tuple[int, str]]:
        """Return place and id of rows that no line of the register leads to, or whose place is not in the log."""
        ...

    def retired(self, begin: int, end: int) -> set[int]:
        """Return the places from `begin` up to `end` whose rows retention has removed, and may have."""
        ...

    def opened(self, stored: Sequence[StoredReceipt]) -> Sequence[OpenedContent | None]:
        """Open the boxes; None where the client's key was destroyed."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: with which decision, at which place of the log, and what."""

    kind: Kind
    decision_id: str | None
    index: int | None
    detail: str

    def __str__(self) -> str:
        where = f" (place {self.index})" if self.index is not None else ""
        return f"{self.kind} {self.decision_id or '-'}{where}: {self.detail}"


@dataclass(slots=True)
class Verification:
    """What was checked: rows, of them decided again, erased (proof alone), and retired, and leaves not yet signed."""

    receipts: int = 0
    recomputed: int = 0
    erased: int = 0
    retired: int = 0
    unsigned: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify_one(
    index: int,
    log: MerkleLog,
    head: SignedHead,
    source: ReceiptShelf,
    recompute: Recompute,
) -> Verification:
    """Check the receipt at one place: its inclusion proof to the head, its personal part, its decision."""
    done = Verification()
    rows = source.receipts(index, index + 1)
    logged = log.decision_ids(index, index + 1)[0] if index < log.size() else None
    if not rows:
        if source.retired(index, index + 1):
            done.retired = 1
        else:
            done.findings.append(Finding("removed", logged, index, "the log has it, the ledger not"))
        return done
    row = rows[0]
    if row.receipt.decision_id != logged:
        detail = "a row that the log has no place for"
        done.findings.append(Finding("inserted", row.receipt.decision_id, index, detail))
        return done
    done.receipts = 1
    leaf = _leaf_hash(row)
    # Newer than the head: its proof leads to the log's present root, which is not signed yet.
    signed = index < head.head.size
    size = head.head.size if signed else log.size()
    root = head.head.root if signed else log.root(size)
    done.unsigned = int(not signed)
    try:
        check_inclusion(leaf, index, size, log.inclusion_proof(index, size), root)
    except ProofRefused as refused:
        done.findings.append(Finding("altered", row.receipt.decision_id, index, str(refused)))
        return done
    _check_decisions([row], source, recompute, done)
    return done


def verify_all(
    log: MerkleLog,
    heads: Sequence[SignedHead],
    source: ReceiptShelf,
    recompute: Recompute,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Verification:
    """Check every receipt, the whole log, and every head that is known.

    heads: by ascending size, at least one; progress: (done, of). Rows are read, opened and decided again `CHUNK` at a
    time, so memory does not grow with the ledger.
    """
    size = log.size()
    done = Verification(unsigned=max(0, size - heads[-1].head.size))
    _check_heads(log, heads, size, done)
    for begin in range(0, size, CHUNK):
        end = min(begin + CHUNK, size)
        _check_tiles(log, begin, end, done)
        good = _check_rows(log, begin, end, source, done)
        _check_decisions(good, source, recompute, done)
        progress(end, size)
    for index, decision_id in source.strays(size):
        _judge_stray(log, index, decision_id, size, done)
    return done


def _judge_stray(log: MerkleLog, index: int, decision_id: str, size: int, done: Verification) -> None:
    """A row that is the log's own and was only cut off from it is altered; any other was added."""
    if 0 <= index < size and log.decision_ids(index, index + 1) == [decision_id]:
        # Its place looked empty before.
        done.findings = [f for f in done.findings if (f.kind, f.index) != ("removed", index)]
        detail = "the register does not lead to the row as the log has it"
        done.findings.append(Finding("altered", decision_id, index, detail))
    else:
        done.findings.append(Finding("inserted", decision_id, index, "a row that the log has no place for"))


def _check_heads(log: MerkleLog, heads: Sequence[SignedHead], size: int, done: Verification) -> None:
    """Each head that was ever signed must be the root of the log at its size: else its past was rewritten."""
    agreed = 0
    for signed in heads:
        head = signed.head
        try:
            same = head.size <= size and log.root(head.size) == head.root
            why = "do not lead to the root that was signed" if head.size <= size else f"end at {size} already"
        except ProofRefused as refused:
            same, why = False, f"cannot be followed ({refused})"
        if not same:
            span = f"the log's hashes from place {agreed} to {head.size - 1}"
            done.findings.append(Finding("log", None, None, f"{span} {why}, of the head of {head.size} leaves"))
            return
        agreed = head.size


def _check_tiles(log: MerkleLog, begin: int, end: int, done: Verification) -> None:
    """A full tile of leaves must be what the level above it says: else a leaf's hash was changed in place."""
    hashes = log.leaf_hashes(begin, end)
    for at in range(begin, end - TILE_WIDTH + 1, TILE_WIDTH):
        tile = hashes[(at - begin) * HASH_BYTES : (at - begin + TILE_WIDTH) * HASH_BYTES]
        if complete_root(tile) != log.tile_root(at // TILE_WIDTH):
            detail = f"the hashes of places {at} to {at + TILE_WIDTH - 1} are not those that the log continued from"
            done.findings.append(Finding("log", None, at, detail))


def _check_rows(log: MerkleLog, begin: int, end: int, source: ReceiptShelf, done: Verification) -> list[StoredReceipt]:
    """Compare rows with leaves; return the rows that are what their leaves commit to."""
    hashes, ids = log.leaf_hashes(begin, end), log.decision_ids(begin, end)
    good: list[StoredReceipt] = []
    seen: set[int] = set()
    for row in source.receipts(begin, end):
        at, decision_id = row.index - begin, row.receipt.decision_id
        leaf = hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]
        if row.index in seen:
            done.findings.append(Finding("inserted", decision_id, row.index, "a second row at a place of the log"))
        elif _leaf_hash(row) == leaf:
            good.append(row)
        elif decision_id == ids[at]:
            done.findings.append(Finding("altered", decision_id, row.index, "the row is not what its leaf commits to"))
        else:
            detail = f"it stands in the place of {ids[at]}, which is gone"
            done.findings.append(Finding("inserted", decision_id, row.index, detail))
        seen.add(row.index)
    missing = set(range(begin, end)) - seen
    allowed = source.retired(begin, end) if missing else set()
    done.retired += len(missing & allowed)
    for index in sorted(missing - allowed):
        detail = "the log has it, the ledger not"
        done.findings.append(Finding("removed", ids[index - begin], index, detail))
    done.receipts += len(good)
    return good


def _leaf_hash(row: StoredReceipt) -> bytes:
    try:
        return row.receipt.leaf_hash()
    except (TypeError, ValueError, AttributeError):  # SQLite keeps a text in a column of numbers, if somebody puts it
        return b""


def _check_decisions(
    rows: Sequence[StoredReceipt], source: ReceiptShelf, recompute: Recompute, done: Verification
) -> None:
    """Open what can be opened, compare it with its commitment, and decide it again, model by model."""
    by_model: dict[DecidedBy, list[tuple[StoredReceipt, bytes]]] = {}
    for row, opened in zip(rows, source.opened(rows), strict=True):
        if opened is None:
            done.erased += 1
        elif content_hash(opened.salt, opened.content) != row.receipt.content_hash:
            detail = "its personal part is not what it commits to"
            done.findings.append(Finding("altered", row.receipt.decision_id, row.index, detail))
        else:
            by_model.setdefault(DecidedBy.of(row.receipt), []).append((row, opened.content))
    for decided_by, together in by_model.items():
        stored, contents = [row for row, _ in together], [content for _, content in together]
        receipts = [row.receipt for row in stored]
        try:
            personal = read_contents(contents)
            outcomes, modes = [r.outcome for r in receipts], [r.mode for r in receipts]
            again = recompute.decide(decided_by, personal.features, outcomes, modes)
            wrong = differences(receipts, personal, again)
        except (ModelNotFound, ModelRefused, ContentRefused) as error:
            done.findings += [Finding("model_missing", r.receipt.decision_id, r.index, str(error)) for r in stored]
            continue
        done.recomputed += len(stored)
        for at, names in wrong:
            detail = f"decided again it has another {', '.join(names)}"
            done.findings.append(Finding("decided_otherwise", receipts[at].decision_id, stored[at].index, detail))
