"""One transaction of the sink: rows, links, outcomes, reviews to come, and the positions that they bring it to.

1. Positions move from where this sink read to where it read on; anybody else's move meanwhile takes all back.
2. Decisions that the register names already are left out: a replay, or the same application decided again.
3. The new ones are numbered without gaps, and rows, sealed payloads and the log's leaves are written.
4. The commit makes all of it true at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from credit.wire.audit import AuditRecord
from credit.wire.outcome import ObservedOutcome
from ledger.errors import PositionMoved
from ledger.store import tables
from ledger.store.bulk import highest, insert_all, insert_new
from ledger.store.engine import now_ms, reading, writing
from ledger.store.known import known_ids
from ledger.store.months import Months
from ledger.store.rows import (
    AuditBatch,
    DecisionRow,
    NewDecisions,
    PayloadRow,
    RecordPosition,
    SealedRecord,
    rows_of,
    seal,
)
from ledger.store.sealing import Vault


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """A decision on `loan-decisions`: its id and time, and where it stands."""

    position: RecordPosition
    decision_id: str
    decided_ms: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read: what is kept of it is where it stands, never its bytes, which nothing seals."""

    position: RecordPosition
    problem: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Moves:
    """A partition's position before and after: the next offset to read."""

    topic: str
    partition: int
    before: int
    after: int


@dataclass(slots=True)
class SinkWork:
    """What one transaction stores."""

    audits: list[AuditBatch] = field(default_factory=list)
    answers: list[AnswerLink] = field(default_factory=list)
    outcomes: list[ObservedOutcome] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    moves: list[Moves] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a transaction brought: new decisions, and decisions that were there already."""

    decisions: int
    repeated: int


class Beside(Protocol):
    """What else is written for new decisions, in the transaction of their rows."""

    def add(self, connection: Connection, new: Sequence[NewDecisions]) -> None:
        """Write it; the rows of all are numbered without gaps, in the order of the register."""
        ...


class BesideOutcomes(Protocol):
    """What else is written for outcomes, in the transaction that stores them."""

    def observed(self, connection: Connection, told: Sequence[ObservedOutcome]) -> None:
        """Write it; an older observation than the one that is stored changes nothing."""
        ...


class LedgerWriter:
    """Stores work in one database; several at once take turns, and none stores twice."""

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        beside: Sequence[Beside] = (),
        beside_outcomes: Sequence[BesideOutcomes] = (),
    ) -> None:
        self._engine, self._vault = engine, vault
        self._beside, self._beside_outcomes = beside, beside_outcomes
        self._months = Months()
        self._models: dict[tuple[str, str, str], int] = {}
        self._policies: dict[str, int] = {}

    def positions(self) -> dict[tuple[str, int], int]:
        """Return the next offset to read of each (topic, partition) that was ever read."""
        with reading(self._engine) as connection:
            found = connection.execute(select(tables.positions)).all()
        return {(row.topic, row.partition): row.next_offset for row in found}

    def store(self, work: SinkWork) -> Stored:
        """Store all of it or none; raises LedgerUnavailable, or PositionMoved where another sink was first."""
        sealed = [seal(audit, self._vault) for audit in work.audits]
        models: dict[tuple[str, str, str], int] = {}
        policies: dict[str, int] = {}
        with writing(self._engine) as connection:
            for move in work.moves:
                _move(connection, move)
            stored, months = self._decisions(connection, work.audits, sealed, models, policies)
            months += self._answers(connection, work.answers)
            self._outcomes(connection, work.outcomes)
            now = now_ms()
            insert_new(
                connection,
                tables.quarantine,
                [(*_place(u.position), u.problem, u.size, u.sha256, now) for u in work.unreadable],
            )
        self._months.remember(months)
        self._models |= models
        self._policies |= policies
        return stored

    def _decisions(
        self,
        connection: Connection,
        audits: Sequence[AuditBatch],
        sealed: Sequence[SealedRecord],
        models: dict[tuple[str, str, str], int],
        policies: dict[str, int],
    ) -> tuple[Stored, list[tuple[int, int]]]:
        everything = [decision_id for audit in audits for decision_id in audit.record.decision_ids]
        known = known_ids(connection, everything)
        seq = highest(connection, tables.register.c.seq, -1) + 1
        batch_id = highest(connection, tables.batches.c.batch_id, 0) + 1
        rows: list[DecisionRow] = []
        new: list[NewDecisions] = []
        batches = []
        for audit, blobs in zip(audits, sealed, strict=True):
            record = audit.record
            keep = _first_of_each(record.decision_ids, known)
            header = record.header
            if keep:
                model = self._model_id(connection, record, models)
                policy = self._policy_id(connection, record, policies)
                clients = [blobs.clients[row] for row in keep]
                made = list(rows_of(record, clients, keep, seq + len(rows), model, policy, batch_id))
                rows += made
                payloads = [PayloadRow(r.decided_ms, r.seq, blobs.sealed[r.batch_row]) for r in made]
                new.append(NewDecisions(audit, made, payloads))
            place = _place(audit.position)
            sources = json.dumps(header["sources"], separators=(",", ":"))
            counts = (len(record), header["rejected"], header["expected_value"])
            batches.append((batch_id, *place, sources, *counts))
            batch_id += 1
        months = self._months.ensure(connection, (row.decided_ms for row in rows))
        insert_all(connection, tables.batches, batches)
        insert_all(connection, tables.register, [(row.seq, row.decision_id, row.decided_ms) for row in rows])
        insert_all(connection, tables.decisions, rows)
        insert_all(connection, tables.payloads, [payload for each in new for payload in each.payloads])
        if rows:
            for other in self._beside:
                other.add(connection, new)
        return Stored(len(rows), len(everything) - len(rows)), months

    def _answers(self, connection: Connection, answers: Sequence[AnswerLink]) -> list[tuple[int, int]]:
        if not answers:
            return []
        months = self._months.ensure(connection, (answer.decided_ms for answer in answers))
        insert_new(
            connection,
            tables.answers,
            [(a.decided_ms, a.decision_id, a.position.partition, a.position.offset) for a in answers],
        )
        known = known_ids(connection, [answer.decision_id for answer in answers])
        now = now_ms()
        waiting = [(answer.decision_id, now) for answer in answers if answer.decision_id not in known]
        insert_new(connection, tables.unmatched, waiting)
        return months

    def _outcomes(self, connection: Connection, outcomes: Sequence[ObservedOutcome]) -> None:
        if not outcomes:
            return
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(tables.outcomes)
        newer = insert.excluded.observed_ms >= tables.outcomes.c.observed_ms
        changed = {name: insert.excluded[name] for name in ("decision_id", "defaulted", "observed_ms")}
        # The last word of each application in this work: one statement may not touch a row twice.
        last = {o.application_id: o for o in sorted(outcomes, key=lambda o: o.observed_ms)}
        values = [
            {
                "application": self._vault.lookup("application", o.application_id),
                "decision_id": o.decision_id,
                "defaulted": o.defaulted,
                "observed_ms": o.observed_ms,
            }
            for o in last.values()
        ]
        connection.execute(
            insert.on_conflict_do_update(index_elements=["application"], set_=changed, where=newer), values
        )
        for other in self._beside_outcomes:
            other.observed(connection, outcomes)

    def _model_id(self, connection: Connection, record: AuditRecord, new: dict[tuple[str, str, str], int]) -> int:
        model = record.header["model"]
        key = (model["name"], model["version"], model["digest"])
        found = self._models.get(key) or new.get(key)
        if found is not None:
            return found
        t = tables.models
        where = (t.c.name == key[0]) & (t.c.version == key[1]) & (t.c.digest == key[2])
        number = connection.scalar(select(t.c.model_id).where(where))
        if number is None:
            number = highest(connection, t.c.model_id, 0) + 1
            features = json.dumps(model["features"], separators=(",", ":"))
            insert_all(connection, t, [(number, *key, model["catalog_hash"], features)])
        new[key] = number
        return int(number)

    def _policy_id(self, connection: Connection, record: AuditRecord, new: dict[str, int]) -> int:
        digest = record.header["policy_digest"]
        found = self._policies.get(digest) or new.get(digest)
        if found is not None:
            return found
        t = tables.policies
        number = connection.scalar(select(t.c.policy_id).where(t.c.digest == digest))
        if number is None:
            number = highest(connection, t.c.policy_id, 0) + 1
            insert_all(connection, t, [(number, digest, json.dumps(record.header["policy"]))])
        new[digest] = number
        return int(number)


def match_answers(engine: Engine) -> int:
    """Forget the unmatched answers whose decision has come meanwhile; returns how many still wait."""
    t = tables.unmatched
    with writing(engine) as connection:
        there = select(tables.register.c.seq).where(tables.register.c.decision_id == t.c.decision_id).exists()
        connection.execute(t.delete().where(there))
        return int(connection.scalar(select(func.count()).select_from(t)) or 0)


def _move(connection: Connection, move: Moves) -> None:
    t = tables.positions
    here = (t.c.topic == move.topic) & (t.c.partition == move.partition)
    at = connection.scalar(select(t.c.next_offset).where(here))
    if at is None:
        insert_all(connection, t, [(move.topic, move.partition, move.after)])
        return
    if at != move.before:
        raise PositionMoved(f"{move.topic} {move.partition} is at {at}, not at {move.before}: another sink moved it")
    connection.execute(update(t).where(here).values(next_offset=move.after))


def _first_of_each(decision_ids: Sequence[str], known: set[str]) -> list[int]:
    keep = []
    for row, decision_id in enumerate(decision_ids):
        if decision_id not in known:
            known.add(decision_id)
            keep.append(row)
    return keep


def _place(position: RecordPosition) -> tuple[str, int, int]:
    return position.topic, position.partition, position.offset
