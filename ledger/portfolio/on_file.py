"""What the feature store knows of clients that a model did not read: for a theme that would be unknown otherwise."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from credit.application import FloatArray, IntArray
from credit.errors import LoanstreamError
from credit.features import CATALOG
from credit.schema import APPLICATION_COLUMNS, COLUMN_INDEX
from credit.themes import EARLIER_CREDITS, HISTORY_COUNTS

log = logging.getLogger(__name__)

_COUNTS: Final = [CATALOG.history_names.index(name) for name in HISTORY_COUNTS]
# A store that is away is left alone for a while: no transaction waits for it twice.
_LEFT_ALONE_S: Final = 30.0


class ClientStore(Protocol):
    """The feature store, as facts need it."""

    def history(self, client_ids: IntArray) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]: ...

    def applications(self, client_ids: IntArray) -> list[bytes | None]: ...


@dataclass(frozen=True, slots=True)
class KnownColumns:
    """Columns of n clients: values float64[n] by column, and whether anybody could be asked about each client."""

    values: Mapping[str, FloatArray]
    known: Mapping[str, npt.NDArray[np.bool_]]


class OnFile:
    """Asks the store, opened at the first question; answers with nothing while it is away.

    open_store: returns the store, raising what it raises; clock: monotonic seconds.
    """

    def __init__(self, open_store: Callable[[], ClientStore], clock: Callable[[], float] = time.monotonic) -> None:
        self._open, self._clock = open_store, clock
        self._store: ClientStore | None = None
        self._again = float("-inf")
        self._readers: dict[tuple[str, ...], msgspec.json.Decoder[Any]] = {}

    def columns(self, wanted: Sequence[str], client_ids: IntArray) -> KnownColumns:
        """Return what is known of the wanted columns; a column that cannot be had is not in the answer."""
        if not wanted or self._clock() < self._again:
            return KnownColumns({}, {})
        values: dict[str, FloatArray] = {}
        known: dict[str, npt.NDArray[np.bool_]] = {}
        try:
            if self._store is None:
                self._store = self._open()
            if EARLIER_CREDITS in wanted:
                vectors, _ = self._store.history(client_ids)
                values[EARLIER_CREDITS] = earlier_credits(*(vectors[:, place] for place in _COUNTS))
                known[EARLIER_CREDITS] = np.ones(len(client_ids), dtype=np.bool_)  # nothing on file is no credit
            names = tuple(name for name in wanted if name in COLUMN_INDEX)
            if names:
                documents = self._store.applications(client_ids)
                there, table = self._read(names, documents)
                values |= {name: table[:, place] for place, name in enumerate(names)}
                known |= dict.fromkeys(names, there)
        except LoanstreamError as error:
            self._again = self._clock() + _LEFT_ALONE_S
            self._store = None
            log.warning("themes that the model does not read are unknown for a while: %s", error)
            return KnownColumns({}, {})
        return KnownColumns(values, known)

    def _read(
        self, names: tuple[str, ...], documents: Sequence[bytes | None]
    ) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        reader = self._readers.get(names)
        if reader is None:
            kind = msgspec.defstruct("OnFileColumns", [(name, float | str | None, None) for name in names], gc=False)
            reader = self._readers[names] = msgspec.json.Decoder(kind)
        codes = [_codes(name) for name in names]
        there = np.zeros(len(documents), dtype=np.bool_)
        read: list[list[float]] = []
        for row, document in enumerate(documents):
            if document is None:
                continue
            try:
                told = msgspec.structs.astuple(reader.decode(document))
            except msgspec.DecodeError:
                continue
            there[row] = True
            read.append([_number(cell, of) for cell, of in zip(told, codes, strict=True)])
        table = np.full((len(documents), len(names)), np.nan)
        if read:
            table[there] = read
        return there, table


def earlier_credits(*counts: npt.NDArray[np.floating]) -> FloatArray:
    """Return how many earlier credits are known of each client: what is missing counts as none."""
    return np.asarray(sum(np.nan_to_num(np.asarray(count, dtype=np.float64)) for count in counts), dtype=np.float64)


def _codes(name: str) -> dict[str, float]:
    return {word: float(code) for code, word in enumerate(APPLICATION_COLUMNS[COLUMN_INDEX[name]].codes)}


def _number(cell: float | str | None, codes: Mapping[str, float]) -> float:
    if isinstance(cell, str):
        return codes.get(cell, -1.0)
    return np.nan if cell is None or codes else cell
