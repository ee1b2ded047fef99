"""The routes that tell how deciding goes: for a person without Grafana."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Engine, func, select

from ledger.door.asking import Parts, SeesPortfolio
from ledger.errors import InvalidRequest
from ledger.portfolio.counting import PortfolioCounts
from ledger.portfolio.monitor import MonitorStatus
from ledger.portfolio.operations import scores, series
from ledger.store import tables
from ledger.store.bulk import highest
from ledger.store.engine import now_ms, reading

Minutes = Annotated[float, Query(gt=0, le=7 * 24 * 60, description="How far back, minutes.")]
_MOST_BUCKETS = 2_000


def operation_routes(counts: PortfolioCounts, monitor: MonitorStatus) -> APIRouter:
    """Return the routes under /v1/operations."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/v1/operations/series")
    def by_time(
        _: SeesPortfolio,
        minutes: Minutes = 60,
        step_s: Annotated[int, Query(ge=1, le=86_400, description="Length of a bucket, seconds.")] = 30,
    ) -> dict[str, Any]:
        """Return decisions, latencies and outcomes by bucket and door, and their totals by door."""
        if minutes * 60 > step_s * _MOST_BUCKETS:
            raise InvalidRequest("step_s", f"at most {_MOST_BUCKETS:,} buckets are counted: take longer ones")
        return series(counts, now_ms(), minutes, step_s)

    @routes.get("/v1/operations/scores")
    def by_score(_: SeesPortfolio, minutes: Minutes = 60) -> dict[str, Any]:
        """Return how many decisions lie in each bin of the probability of default, by outcome."""
        return scores(counts, now_ms(), minutes)

    @routes.get("/v1/operations/health")
    def health(parts: Parts, _: SeesPortfolio, minutes: Minutes = 60) -> dict[str, Any]:
        """Return completeness, lag, errors and drift; what the monitor tells is null while it does not answer.

        `answered` is of the last `minutes`, by the ledger's own count; `dead_letters` is what the monitor has counted
        since its state began.
        """
        told = monitor()
        return {
            "monitor": None if told is None else told["status"],
            "completeness": told and told["completeness"],
            "lag": told and told["lag"],
            "dead_letters": told and told["dead_letters"],
            "unreadable": told and told["unreadable"],
            "drift": told
            and {
                "model_version": told["model_version"],
                "windows": told["windows"],
                "features": told["drifted_features"],
                "page": f"{monitor.public_url}/",
                "report": f"{monitor.public_url}/reports/{told['report']}.html" if told["report"] else None,
            },
            "answered": answered_lately(parts.engine, now_ms() - round(minutes * 60_000)),
            "ledger": _ledger(parts.engine),
        }

    return routes


def answered_lately(engine: Engine, since_ms: int) -> dict[str, int]:
    """Return how many applications were answered since a moment, and how many of them by a dead letter.

    Counted in micro-batches, from the one of the first decision since then on: one without a decision has no time.
    """
    d, b = tables.decisions.c, tables.batches.c
    with reading(engine) as connection:
        first = connection.scalar(
            select(d.batch_id).where(d.decided_ms >= since_ms).order_by(d.decided_ms, d.seq).limit(1)
        )
        if first is None:
            return {"taken": 0, "dead_letters": 0}
        decided, rejected = connection.execute(
            select(func.sum(b.decided), func.sum(b.rejected)).where(b.batch_id >= first)
        ).one()
    return {"taken": int(decided + rejected), "dead_letters": int(rejected)}


def _ledger(engine: Engine) -> dict[str, Any]:
    """Return what the ledger holds, and what of it waits or could not be read."""
    with reading(engine) as connection:
        newest = highest(connection, tables.decisions.c.decided_ms, -1)
        count = select(func.count())
        return {
            "decisions": highest(connection, tables.register.c.seq, -1) + 1,
            "newest_decided_at": newest if newest >= 0 else None,
            "unreadable": connection.scalar(count.select_from(tables.quarantine)),
            "waiting_answers": connection.scalar(count.select_from(tables.unmatched)),
            "unpublished_reviews": connection.scalar(
                count.select_from(tables.outbox).where(tables.outbox.c.published_ms.is_(None))
            ),
        }
