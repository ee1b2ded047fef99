"""The replica of the doors that answer: gives Serve the API as an ASGI application, and the methods of gRPC."""

from __future__ import annotations

from typing import Any, Protocol

from ray import serve

from access.check import access_check
from access.settings import AccessSettings
from credit.errors import SettingsError
from serve_app.door.answer import AsgiApp
from serve_app.door.api import documented_api
from serve_app.door.asgi import HttpApi
from serve_app.door.audit_log import AuditLog, NoAuditLog, TopicAuditLog
from serve_app.door.counts import RequestCounts
from serve_app.door.forward import LedgerForward
from serve_app.door.gate import Gate
from serve_app.door.grpc.decisions_pb2 import DecideReply, DecideRequest, ExplainReply, ExplainRequest
from serve_app.door.grpc.methods import DecisionMethods, GrpcCall
from serve_app.door.looking import LookNotes
from serve_app.door.routes import BareRoutes
from serve_app.door.service import Graph, HttpLimits, HttpService
from serve_app.metrics import HttpMetrics
from serve_app.models.shelf import ModelShelf
from serve_app.replicas.blocking import take_short_turns
from serve_app.replicas.started import StartClock, make_no_access_lines
from serve_app.settings import ServingSettings
from streaming.gateway.collector import spare_collections
from streaming.kafka.acknowledged import AcknowledgedProducer
from streaming.kafka.security import KafkaSecurity

_AUDIT_TIMEOUT_S = 5.0
_LARGEST_RECORD = 8 * 1024 * 1024


class ReplicaGraph(Graph, Protocol):
    """The graph in this replica."""

    @property
    def shelf(self) -> ModelShelf | None:
        """The models in this process, None where they are in others."""

    def keep_up(self) -> None:
        """Follow the model's alias, where that is this replica's business; on the event loop, as often as you like."""


class Placement(Protocol):
    """Where the steps run."""

    def open(self) -> ReplicaGraph:
        """Return the graph; call it in the replica, on its event loop."""


def audit_log(settings: ServingSettings, security: KafkaSecurity) -> AuditLog:
    """Return the audit log that the settings name; raises SettingsError where they name none."""
    if settings.http_audit == "off":
        return NoAuditLog()
    if settings.bootstrap is None:
        raise SettingsError("no broker for the audit log: set KAFKA_BOOTSTRAP_SERVERS, or LOANSTREAM_HTTP_AUDIT=off")
    writer = AcknowledgedProducer(settings.bootstrap, security, _AUDIT_TIMEOUT_S, _LARGEST_RECORD)
    return TopicAuditLog(writer, settings.audit_topic, settings.http_audit)


@serve.ingress(None)
class HttpDoor:
    """One ingress replica."""

    def __init__(
        self,
        settings: ServingSettings,
        security: KafkaSecurity,
        access: AccessSettings,
        placement: Placement,
        gateway: Any = None,
    ) -> None:
        # The gateway is no step of this door: holding its handle makes it part of the application.
        self._gateway = gateway
        self._settings = settings
        clock = StartClock()
        take_short_turns()
        self._graph = placement.open()
        clock.lap("graph")
        spare_collections()
        limits = HttpLimits(settings.max_http_batch, settings.max_http_pending, settings.http_batches_in_work)
        self._service = HttpService(self._graph, audit_log(settings, security), limits)
        self._counts = RequestCounts(HttpMetrics())
        self._gate = Gate(access_check(access))
        self._methods = DecisionMethods(self._service, self._gate, self._counts)
        clock.lap("door")
        clock.tell(self._graph.shelf)
        make_no_access_lines()

    def __serve_build_asgi_app__(self) -> AsgiApp:
        bare = BareRoutes(self._service)
        others: AsgiApp = documented_api(self._service, bare)
        looks = None
        if self._settings.ledger_url is not None:
            others = LedgerForward(others, self._settings.ledger_url)
            looks = LookNotes(self._settings.ledger_url)
        return HttpApi(self._gate, bare.table(), others, self._counts, looks)

    async def Decide(self, request: DecideRequest, grpc_context: GrpcCall) -> DecideReply:  # noqa: N802 - gRPC's name
        """gRPC's method of this name; Serve finds it by it, and hands over the call as `grpc_context`."""
        return await self._methods.decide(request, grpc_context)

    async def Explain(self, request: ExplainRequest, grpc_context: GrpcCall) -> ExplainReply:  # noqa: N802 - likewise
        """gRPC's method of this name."""
        return await self._methods.explain(request, grpc_context)

    async def check_health(self) -> None:
        """Called by Serve on the replica's loop; also what starts the watch of the model there."""
        self._graph.keep_up()
