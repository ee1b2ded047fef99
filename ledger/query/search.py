"""Pages of decisions under filters, newest first, at a price that does not grow with the ledger.

A page looks at no more than 8,000 rows in the order of one index. Where a filter matches so little that a page is not
full by then, it is short, and `next` says where to go on: a rare reason in ten million decisions costs many quick pages
instead of one slow one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, tuple_
from sqlalchemy.sql import Select

from ledger.query.cursor import Cursor
from ledger.store import tables

_SCAN = 8_000
# An index other than time's leads to rows one by one, which costs several times as much.
_LOOKED_UP = 2_000
_FIRST_WINDOW, _GROWS = 4, 4
_D = tables.decisions.c


Condition = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """What decisions are wanted; None wants all.

    client: the keyed hash of a client; outcome, mode, door: numbers as in `ledger.store.codes`; from_ms (included) and
    to_ms (excluded): when it was decided; points_from, points_to: both included; model_version: as registered;
    reason: a code such as R07; reviewed: whether a review of it is closed.
    """

    client: bytes | None = None
    outcome: int | None = None
    mode: int | None = None
    door: int | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    points_from: int | None = None
    points_to: int | None = None
    model_version: str | None = None
    reason: str | None = None
    reviewed: bool | None = None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """Rows of `decisions`, newest first; `after` is where to go on, None where nothing is left."""

    rows: list[Row[Any]]
    after: Cursor | None


def page(
    connection: Connection, wanted: DecisionFilter, after: Cursor | None, limit: int, scan: int | None = None
) -> DecisionPage:
    """Return the next page of at most `limit` decisions after a cursor, having looked at `scan` rows at most.

    It looks in windows that grow: where many rows match, the first few hundred fill the page.
    """
    most = scan or (_LOOKED_UP if _walks_aside(wanted) else _SCAN)
    conditions = _conditions(connection, wanted)
    rows: list[Row[Any]] = []
    looked, window = 0, _FIRST_WINDOW * limit
    while True:
        window = min(window, most - looked)
        looked_at = _ordered(wanted, after).limit(window).subquery("looked_at")
        found = select(looked_at).where(*(condition(looked_at.c) for condition in conditions))
        found = found.order_by(looked_at.c.decided_ms.desc(), looked_at.c.seq.desc()).limit(limit - len(rows))
        rows += connection.execute(found)
        if len(rows) == limit:
            return DecisionPage(rows, Cursor(rows[-1].decided_ms, rows[-1].seq))
        last = _ordered(wanted, after).with_only_columns(_D.decided_ms, _D.seq).limit(1).offset(window - 1)
        end = connection.execute(last).first()
        if end is None:
            return DecisionPage(rows, None)
        after = Cursor(end.decided_ms, end.seq)
        looked += window
        if looked >= most:
            return DecisionPage(rows, after)
        window *= _GROWS


def everything(connection: Connection, wanted: DecisionFilter, rows: int) -> Iterator[list[Row[Any]]]:
    """Yield all decisions under a filter, in pages."""
    after: Cursor | None = None
    while True:
        found = page(connection, wanted, after, rows, scan=10 * _SCAN)
        if found.rows:
            yield found.rows
        if found.after is None:
            return
        after = found.after


def _ordered(wanted: DecisionFilter, after: Cursor | None) -> Select[Any]:
    """Return the walk along one index: that of the client, of a rare outcome or mode, or of time."""
    walk = select(tables.decisions)
    if wanted.client is not None:
        walk = walk.where(_D.client == wanted.client)
    elif wanted.mode:
        walk = walk.where(and_(_D.mode == wanted.mode, _D.mode != 0))
    elif wanted.outcome:
        walk = walk.where(_D.outcome == wanted.outcome)
    if wanted.from_ms is not None:
        walk = walk.where(_D.decided_ms >= wanted.from_ms)
    if wanted.to_ms is not None:
        walk = walk.where(_D.decided_ms < wanted.to_ms)
    if after is not None:
        # The first half alone lets PostgreSQL leave out partitions.
        walk = walk.where(_D.decided_ms <= after.decided_ms, tuple_(_D.decided_ms, _D.seq) < tuple_(*after))
    return walk.order_by(_D.decided_ms.desc(), _D.seq.desc())


def _walks_aside(wanted: DecisionFilter) -> bool:
    return wanted.client is not None or bool(wanted.mode) or bool(wanted.outcome)


def _conditions(connection: Connection, wanted: DecisionFilter) -> list[Condition]:
    """Return what a row that the walk comes past must fulfil."""
    found: list[Condition] = []
    if wanted.outcome is not None:
        found.append(lambda c: c.outcome == wanted.outcome)
    if wanted.mode is not None:
        found.append(lambda c: c.mode == wanted.mode)
    if wanted.door is not None:
        found.append(lambda c: c.door == wanted.door)
    if wanted.points_from is not None:
        found.append(lambda c: c.points >= wanted.points_from)
    if wanted.points_to is not None:
        found.append(lambda c: c.points <= wanted.points_to)
    if wanted.model_version is not None:
        m = tables.models.c
        models = connection.scalars(select(m.model_id).where(m.version == wanted.model_version)).all()
        found.append(lambda c: c.model_id.in_(models))
    if wanted.reason is not None:
        found.append(lambda c: c.reasons.contains(wanted.reason, autoescape=True))
    if wanted.reviewed is not None:
        found.append(lambda c: _reviewed(c) if wanted.reviewed else ~_reviewed(c))
    return found


def _reviewed(c: Any) -> ColumnElement[bool]:
    r = tables.reviews.c
    return select(r.review_id).where(r.seq == c.seq, r.closed_ms.is_not(None)).exists()
