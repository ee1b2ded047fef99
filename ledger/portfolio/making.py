"""Facts of new decisions, written in the transaction of their rows: each decision is counted exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from credit.application import FloatArray, IntArray
from credit.decision import Mode
from credit.themes import COLUMNS, EARLIER_CREDITS, HISTORY_COUNTS, THEMES, UNKNOWN, Bands, theme_bands
from ledger.portfolio.on_file import KnownColumns, earlier_credits
from ledger.store.bulk import insert_all
from ledger.store.codes import DOOR_OF
from ledger.store.facts import FACT, Facts, latency_ms, pack_facts
from ledger.store.rows import NewDecisions
from ledger.store.tables import decided_by, facts

_HISTORY_AWAY: Final = [mode for mode in Mode if "HISTORY" in mode.name]


class AsksOnFile(Protocol):
    """Knows of clients what a model did not read."""

    def columns(self, wanted: Sequence[str], client_ids: IntArray, /) -> KnownColumns: ...


class FactsBeside:
    """A `ledger.store.write.Beside`: with the rows of a transaction it writes one row of their facts."""

    def __init__(self, on_file: AsksOnFile) -> None:
        self._on_file = on_file
        self._pairs: set[tuple[int, int]] = set()

    def add(self, connection: Connection, new: Sequence[NewDecisions]) -> None:
        """Write what is counted of these decisions."""
        made = [self._facts(each) for each in new]
        packed = np.concatenate(made)
        first = new[0].rows[0].seq
        insert_all(connection, facts, [(int(packed["decided_ms"].max()), first, len(packed), pack_facts(packed))])
        self._note_pairs(connection, {(each.rows[0].model_id, each.rows[0].policy_id) for each in new})

    def _facts(self, new: NewDecisions) -> Facts:
        record, first = new.audit.record, new.rows[0]
        rows = np.array([row.batch_row for row in new.rows], dtype=np.int64)
        made: npt.NDArray[Any] = np.empty(len(rows), FACT)
        made["decided_ms"] = record.decided_ms[rows]
        made["latency_ms"] = latency_ms(record.submitted_ms[rows], record.decided_ms[rows])
        made["probability"] = record.probability[rows]
        made["model_id"], made["policy_id"] = first.model_id, first.policy_id
        made["door"] = DOOR_OF[record.header["door"]]
        made["mode"], made["outcome"] = record.mode[rows], record.outcome[rows]
        asked = (record.feature_names, record.features[rows], record.mode[rows], record.client_ids[rows])
        for name, bands in bands_of(*asked, self._on_file).items():
            made[name] = bands
        return made

    def _note_pairs(self, connection: Connection, pairs: set[tuple[int, int]]) -> None:
        for pair in sorted(pairs - self._pairs):
            c = decided_by.c
            here = (c.model_id == pair[0]) & (c.policy_id == pair[1])
            if connection.execute(select(decided_by).where(here)).first() is None:
                insert_all(connection, decided_by, [pair])
            else:  # what this transaction inserts, a rollback may take back: only what was there already is remembered
                self._pairs.add(pair)


def bands_of(
    names: Sequence[str], features: FloatArray, mode: npt.NDArray[np.int8], client_ids: IntArray, on_file: AsksOnFile
) -> dict[str, Bands]:
    """Return each theme's band of n decisions: from what the model read, else from what is on file.

    names: of the features, float64[n, len(names)]; mode: int8[n]; client_ids: int64[n].
    """
    read = _read_columns(names, features)
    found = theme_bands(read, len(features))
    if EARLIER_CREDITS in read:
        found["history"][np.isin(mode, _HISTORY_AWAY)] = UNKNOWN
    asked = on_file.columns([name for name in COLUMNS if name not in read], client_ids)
    known = theme_bands(asked.values, len(features))
    for name, theme in THEMES.items():
        if theme.column in asked.values:
            found[name] = np.where(asked.known[theme.column], known[name], np.uint8(UNKNOWN))
    return found


def _read_columns(names: Sequence[str], features: FloatArray) -> dict[str, FloatArray]:
    """Return the themes' columns among what the model read."""
    places = {name: place for place, name in enumerate(names)}
    read = {name: features[:, places[name]] for name in COLUMNS if name in places}
    if all(name in places for name in HISTORY_COUNTS):
        read[EARLIER_CREDITS] = earlier_credits(*(features[:, places[name]] for name in HISTORY_COUNTS))
    return read
