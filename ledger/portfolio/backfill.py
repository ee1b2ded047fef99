"""Facts of decisions that were stored before facts were: made backwards, a part at a time, from their receipts.

An erased client's decisions keep their outcome and score; their bands can be read no more and are unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, Row, select

from credit.themes import THEMES, UNKNOWN
from ledger.portfolio.making import AsksOnFile, bands_of
from ledger.portfolio.outcomes import OutcomesBeside
from ledger.store.bulk import highest, insert_all
from ledger.store.engine import reading, writing
from ledger.store.facts import FACT, Facts, latency_ms, pack_facts
from ledger.store.months import Months
from ledger.store.payload import PersonalPart, unpack
from ledger.store.tables import decisions, facts, models, payloads, register

_AT_ONCE: Final = 500


class OpensMany(Protocol):
    """The vault, as past facts need it."""

    def open_many(
        self, clients: Sequence[bytes], sealed: Sequence[bytes], context: Sequence[bytes]
    ) -> list[bytes | None]: ...


class FactsOfThePast:
    """Makes them in the sink's process, between two polls: nobody else numbers rows there meanwhile."""

    def __init__(self, engine: Engine, vault: OpensMany, on_file: AsksOnFile, outcomes: OutcomesBeside) -> None:
        self._engine, self._vault, self._on_file, self._outcomes = engine, vault, on_file, outcomes
        self._names: dict[int, tuple[str, ...]] = {}
        self.done = False

    def __call__(self) -> int:
        """Make a part and return how many decisions it has; 0 and `done` where nothing is left."""
        if self.done:
            return 0
        with reading(self._engine) as connection:
            first = _first_counted(connection)
            rows = _before(connection, first)
            self._names |= _features(connection, {row.model_id for row in rows} - self._names.keys())
        if not rows:
            self.done = True
            return 0
        personal = self._opened(rows)
        made = self._facts(rows, personal)
        with writing(self._engine) as connection:
            if _first_counted(connection) != first:
                return 0  # another sink was here
            Months().ensure(connection, made["decided_ms"].tolist())
            insert_all(
                connection,
                facts,
                [
                    (int(part["decided_ms"].max()), rows[at].seq, len(part), pack_facts(part))
                    for at, part in _without_gaps(rows, made)
                ],
            )
            told = [(part.application_id, rows[place]) for place, part in personal.items()]
            self._outcomes.add_known(
                connection, [(application, row.decision_id, row.seq, row.decided_ms) for application, row in told]
            )
        return len(rows)

    def _opened(self, rows: Sequence[Row[Any]]) -> dict[int, PersonalPart]:
        """Return what is personal of each decision by its place; those of erased clients are left out."""
        opened = self._vault.open_many(
            [bytes(row.client) for row in rows],
            [bytes(row.sealed) for row in rows],
            [row.decision_id.encode() for row in rows],
        )
        return {place: unpack(plain) for place, plain in enumerate(opened) if plain is not None}

    def _facts(self, rows: Sequence[Row[Any]], personal: Mapping[int, PersonalPart]) -> Facts:
        made: npt.NDArray[Any] = np.empty(len(rows), FACT)
        for name in ("decided_ms", "probability", "model_id", "policy_id", "door", "mode", "outcome"):
            made[name] = [getattr(row, name) for row in rows]
        submitted = np.array([row.submitted_ms for row in rows], dtype=np.int64)
        made["latency_ms"] = latency_ms(submitted, made["decided_ms"])
        for name in THEMES:
            made[name] = UNKNOWN
        for model_id in {rows[place].model_id for place in personal}:
            places = [place for place in personal if rows[place].model_id == model_id]
            for name, bands in self._bands(model_id, made["mode"][places], personal, places).items():
                made[name][places] = bands
        return made

    def _bands(
        self,
        model_id: int,
        mode: npt.NDArray[np.int8],
        personal: Mapping[int, PersonalPart],
        places: Sequence[int],
    ) -> Mapping[str, npt.NDArray[np.uint8]]:
        features = np.array([personal[place].features for place in places])
        clients = np.array([personal[place].client_id for place in places], dtype=np.int64)
        return bands_of(self._names[model_id], features, mode, clients, self._on_file)


def _first_counted(connection: Connection) -> int:
    """Return the number of the first decision with facts, or the one after the last decision."""
    found = connection.scalar(select(facts.c.seq).order_by(facts.c.seq).limit(1))
    return highest(connection, register.c.seq, -1) + 1 if found is None else int(found)


def _before(connection: Connection, first: int) -> Sequence[Row[Any]]:
    """Return the decisions numbered just below `first` that are still there, with their payloads, in order."""
    numbered = select(register.c.seq, register.c.decided_ms).where(register.c.seq < first)
    below = numbered.order_by(register.c.seq.desc()).limit(_AT_ONCE).subquery()
    same = (decisions.c.decided_ms == below.c.decided_ms) & (decisions.c.seq == below.c.seq)
    sealed = (payloads.c.decided_ms == below.c.decided_ms) & (payloads.c.seq == below.c.seq)
    found = select(decisions, payloads.c.sealed).join_from(below, decisions, same).join(payloads, sealed)
    return connection.execute(found.order_by(decisions.c.seq)).all()


def _features(connection: Connection, model_ids: set[int]) -> dict[int, tuple[str, ...]]:
    m = models.c
    rows = connection.execute(select(m.model_id, m.features).where(m.model_id.in_(model_ids)))
    return {row.model_id: tuple(json.loads(row.features)) for row in rows}


def _without_gaps(rows: Sequence[Row[Any]], made: Facts) -> Iterator[tuple[int, Facts]]:
    """Yield the facts in runs whose decisions are numbered one after another, each with the place of its first."""
    begin = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at].seq != rows[at - 1].seq + 1:
            yield begin, made[begin:at]
            begin = at
