"""The ingress replica: gathers HTTP requests into micro-batches, bounds them, and audits before it answers."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from fastapi import FastAPI
from ray import serve

from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import LoanstreamError, Overloaded, SettingsError
from credit.wire.audit import encode_audit
from serve_app.door.api import create_api
from serve_app.door.audit_log import AuditLog, KafkaAuditLog, NoAuditLog
from serve_app.metrics import HttpMetrics
from serve_app.replicas.calls import call_step
from serve_app.settings import ServingSettings


def _audit_log(settings: ServingSettings, kafka_options: dict[str, Any]) -> AuditLog:
    if settings.http_audit == "off":
        return NoAuditLog()
    if settings.bootstrap is None:
        raise SettingsError("no broker for the audit log: set KAFKA_BOOTSTRAP_SERVERS, or LOANSTREAM_HTTP_AUDIT=off")
    return KafkaAuditLog(settings.bootstrap, settings.audit_topic, settings.http_audit, kafka_options)


@serve.ingress(None)
class HttpDoor:
    """One ingress replica: handles to the graph, the audit log, and the count of applications in work."""

    def __init__(
        self,
        settings: ServingSettings,
        kafka_options: dict[str, Any],
        decider: Any,
        lookup: Any,
        scorer: Any,
        gateway: Any = None,
    ) -> None:
        # The gateway is no step of this door: holding its handle makes it part of the application.
        self._gateway = gateway
        self._settings = settings
        self._audit = _audit_log(settings, kafka_options)
        self._decider, self._lookup, self._scorer = decider, lookup, scorer
        self._pending = 0
        self._metrics = HttpMetrics()
        # The batching parameters are settings, so they are set on the queues, which are this process's own.
        for batched in (self._decide_together, self._find_together):
            batched.set_max_batch_size(settings.max_http_batch)
            batched.set_batch_wait_timeout_s(settings.http_batch_wait_s)

    def __serve_build_asgi_app__(self) -> FastAPI:
        if self._settings.api_key is None:
            raise SettingsError("no API key: set LOANSTREAM_API_KEY before the graph is started")
        app = create_api(self._settings.api_key.get_secret_value())
        app.state.door = self
        return app

    async def decide(self, batch: ApplicationBatch) -> DecisionBatch:
        """Decide the applications of one request; raises Overloaded beyond the bound of those in work."""
        if self._pending + len(batch) > self._settings.max_http_pending and self._pending > 0:
            raise Overloaded(f"{self._pending} applications are in work already; try again in a second")
        self._pending += len(batch)
        try:
            answer = await self._decide_together(batch)
        finally:
            self._pending -= len(batch)
        if isinstance(answer, LoanstreamError):
            raise answer
        decisions: DecisionBatch = answer
        return decisions

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001, max_concurrent_batches=4)  # type: ignore[untyped-decorator]
    async def _decide_together(self, batches: list[ApplicationBatch]) -> list[DecisionBatch | LoanstreamError]:
        try:
            together = ApplicationBatch.concatenate(batches)
            response = self._decider.decide.remote(together, "http")
            decisions = await call_step("decider", response, 3 * self._settings.step_timeout_s)
            await self._audit.append(encode_audit(decisions, "http", []))
        except LoanstreamError as error:
            return [error] * len(batches)
        ends = np.cumsum([len(batch) for batch in batches]).tolist()
        return [decisions.take(slice(end - len(batch), end)) for batch, end in zip(batches, ends, strict=True)]

    async def application_of(self, client_id: int) -> bytes | None:
        """Return a client's application on file as JSON, None where there is none."""
        row: bytes | LoanstreamError | None = await self._find_together(client_id)
        if isinstance(row, LoanstreamError):
            raise row
        return row

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001, max_concurrent_batches=4)  # type: ignore[untyped-decorator]
    async def _find_together(self, client_ids: list[int]) -> list[bytes | LoanstreamError | None]:
        try:
            response = self._lookup.applications.remote(np.array(client_ids, dtype=np.int64))
            rows: list[bytes | LoanstreamError | None] = await call_step(
                "lookup", response, self._settings.step_timeout_s
            )
        except LoanstreamError as error:
            return [error] * len(client_ids)
        return rows

    async def on_file(self, client_id: int) -> tuple[bytes | None, np.ndarray[Any, Any]]:
        """Return a client's application on file (JSON, None where there is none) and history vector."""
        ids = np.array([client_id], dtype=np.int64)
        timeout_s = self._settings.step_timeout_s
        rows, (history, _) = await asyncio.gather(
            call_step("lookup", self._lookup.applications.remote(ids), timeout_s),
            call_step("lookup", self._lookup.lookup.remote(ids), timeout_s),
        )
        return rows[0], history[0]

    async def describe(self) -> dict[str, Any]:
        """Return the model that decides."""
        described: dict[str, Any] = await call_step(
            "scorer", self._scorer.describe.remote(), self._settings.step_timeout_s
        )
        return described

    async def ready(self) -> bool:
        """Return whether the graph has a model; False too while the scorer does not answer."""
        try:
            return bool(await call_step("scorer", self._scorer.ready.remote(), 2.0))
        except LoanstreamError:
            return False

    def observe(self, path: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._metrics.requests.inc(1, tags={"path": path, "status": str(status)})
        self._metrics.seconds.observe(seconds, tags={"path": path})
