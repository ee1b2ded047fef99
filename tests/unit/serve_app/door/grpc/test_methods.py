"""The methods behind gRPC, over a service made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import orjson
import pytest
from grpc import StatusCode

from access.check import AccessCheck
from access.keyring import Keyring
from credit.application import ApplicationBatch
from credit.errors import UnknownClient
from serve_app.door.documents import DecidedRows
from serve_app.door.gate import Gate
from serve_app.door.grpc.decisions_pb2 import DecideRequest, ExplainRequest
from serve_app.door.grpc.methods import DecisionMethods
from serve_app.door.grpc_status import PROBLEM_KEY
from tests.fixtures.decisions import decision_batch
from tests.unit.serve_app.door.test_grpc_status import Call
from tests.unit.serve_app.door.test_service import ROW

ONE = orjson.dumps({"application": ROW | {"SK_ID_CURR": 7}})


class Service:
    """Decides everybody but client 404, and breaks on client 500."""

    async def decide(self, batch: ApplicationBatch) -> DecidedRows:
        return DecidedRows(replace(decision_batch(len(batch)), applications=batch), 0, len(batch))

    async def decide_client(self, client_id: int) -> DecidedRows:
        if client_id == 404:
            raise UnknownClient("client 404")
        if client_id == 500:
            raise ZeroDivisionError
        return DecidedRows(decision_batch(1), 0)


class CallWithKey(Call):
    """A call with a key in its metadata."""

    def __init__(self, key: str = "a key") -> None:
        super().__init__()
        self._key = key

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]]:
        return [("user-agent", "test"), ("trace-bin", b"\x00"), ("x-api-key", self._key)]


class Counts:
    """Keeps what was answered."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def answered(self, path: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self.seen.append((path, status))


def methods(counts: Counts | None = None) -> DecisionMethods:
    return DecisionMethods(Service(), Gate(AccessCheck(Keyring(None, "a key"))), counts or Counts())


def test_applications_are_decided_in_their_order() -> None:
    """A call that succeeds sets no status; gRPC's own is OK."""
    call, counts = CallWithKey(), Counts()
    messages = [orjson.dumps({"application": ROW | {"SK_ID_CURR": client}}) for client in (9, 3)]
    reply = asyncio.run(methods(counts).decide(DecideRequest(applications=messages), call))
    assert [one.sk_id_curr for one in reply.decisions] == [9, 3]
    assert call.code is None
    assert counts.seen == [("/loanstream.v1.Decisions/Decide", 200)]


@pytest.mark.parametrize("key", ["", "another"])
def test_without_the_key_nothing_is_read(key: str) -> None:
    """The gate is asked before the request is looked at, broken as it may be."""
    call, counts = CallWithKey(key), Counts()
    reply = asyncio.run(methods(counts).decide(DecideRequest(applications=[b"{"]), call))
    assert call.code is StatusCode.UNAUTHENTICATED
    assert not reply.decisions
    assert counts.seen == [("/loanstream.v1.Decisions/Decide", 401)]


@pytest.mark.parametrize("count", [0, 1001])
def test_a_request_has_1_to_1000_applications(count: int) -> None:
    """Neither none nor more than one micro-batch may hold."""
    call = CallWithKey()
    asyncio.run(methods().decide(DecideRequest(applications=[ONE] * count), call))
    assert call.code is StatusCode.INVALID_ARGUMENT


def test_one_invalid_application_refuses_all_and_is_named() -> None:
    """As over HTTP: none is decided that the caller will send again."""
    call = CallWithKey()
    reply = asyncio.run(
        methods().decide(DecideRequest(applications=[ONE, b'{"application":{"SK_ID_CURR":"x"}}']), call)
    )
    assert not reply.decisions
    assert call.code is StatusCode.INVALID_ARGUMENT
    fields = {error["field"] for error in orjson.loads(call.trailing[PROBLEM_KEY])["errors"]}
    assert all(field.startswith("applications.1.") for field in fields)


@pytest.mark.parametrize(
    ("client", "code"),
    [
        (0, StatusCode.INVALID_ARGUMENT),
        (404, StatusCode.NOT_FOUND),
        (500, StatusCode.INTERNAL),
    ],
)
def test_what_fails_ends_the_call_with_its_status(client: int, code: StatusCode) -> None:
    """Nothing is raised, which Serve would log as a fault of this replica."""
    call = CallWithKey()
    reply = asyncio.run(methods().explain(ExplainRequest(sk_id_curr=client), call))
    assert call.code is code
    assert not reply.contributions
