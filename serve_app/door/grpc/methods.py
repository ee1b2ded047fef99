"""The methods of `loanstream.v1.Decisions`: the same gate, service, errors and counts as the HTTP routes."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from credit.application import ApplicationBatch
from credit.errors import LoanstreamError
from serve_app.door import problems
from serve_app.door.answer import Answer
from serve_app.door.asgi import RequestObserver
from serve_app.door.documents import DecidedRows
from serve_app.door.gate import Gate
from serve_app.door.grpc.decisions_pb2 import DecideReply, DecideRequest, ExplainReply, ExplainRequest
from serve_app.door.grpc.messages import decide_reply, explain_reply
from serve_app.door.grpc_status import StatusSetter, refuse
from serve_app.door.reading import read_messages

log = logging.getLogger(__name__)
Reply = TypeVar("Reply")

SERVICE = "loanstream.v1.Decisions"


class GrpcCall(StatusSetter, Protocol):
    """A call as Serve hands it over: its metadata, and how it shall end."""

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]]: ...


class Decides(Protocol):
    """The service behind the methods; raises our errors."""

    async def decide(self, batch: ApplicationBatch) -> DecidedRows: ...

    async def decide_client(self, client_id: int) -> DecidedRows: ...


class DecisionMethods:
    """Answers calls; none of the methods raises: a call that fails ends with its status and an empty reply.

    Serve would log a traceback for whatever is raised, and an unknown client is no fault of this replica.
    """

    def __init__(self, service: Decides, gate: Gate, observer: RequestObserver) -> None:
        self._service, self._gate, self._observer = service, gate, observer

    async def decide(self, request: DecideRequest, call: GrpcCall) -> DecideReply:
        """Decide the applications of a request."""

        async def reply() -> DecideReply | Answer:
            batch = read_messages(list(request.applications))
            if isinstance(batch, Answer):
                return batch
            return decide_reply(await self._service.decide(batch))

        return await self._answered("Decide", call, reply, DecideReply)

    async def explain(self, request: ExplainRequest, call: GrpcCall) -> ExplainReply:
        """Decide and explain the application on file of a client."""

        async def reply() -> ExplainReply | Answer:
            if request.sk_id_curr < 1:
                return problems.invalid([("sk_id_curr", "a client's id is expected, 1 or more")])
            return explain_reply(await self._service.decide_client(request.sk_id_curr))

        return await self._answered("Explain", call, reply, ExplainReply)

    async def _answered(
        self,
        method: str,
        call: GrpcCall,
        reply: Callable[[], Awaitable[Reply | Answer]],
        empty: Callable[[], Reply],
    ) -> Reply:
        started = time.perf_counter()
        path = f"/{SERVICE}/{method}"
        answer: Reply | Answer | None = await self._gate.refusal(_scope(path, call))
        if answer is None:
            try:
                answer = await reply()
            except LoanstreamError as error:
                answer = problems.from_error(error)
            except Exception:
                log.exception("a gRPC call failed")
                answer = problems.problem(500, "Internal error", "the log of this replica says why")
        status = 200
        if isinstance(answer, Answer):
            status = answer.status
            refuse(call, answer)
            answer = empty()
        self._observer.answered(path, status, time.perf_counter() - started)
        return answer


def _scope(path: str, call: GrpcCall) -> dict[str, object]:
    """Return a call as the gate sees a request: metadata are headers, and the verb is GRPC."""
    headers = [
        (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in call.invocation_metadata()
    ]
    return {"type": "grpc", "method": "GRPC", "path": path, "headers": headers}
