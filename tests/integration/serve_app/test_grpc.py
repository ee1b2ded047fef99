"""gRPC through Serve's own ingress, on the running stack."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import grpc
import orjson
import pytest
from google.protobuf.json_format import MessageToDict
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from pydantic_core import to_json

from serve_app.door.grpc.decisions_pb2 import DecideRequest, ExplainRequest
from serve_app.door.grpc.decisions_pb2_grpc import DecisionsStub
from serve_app.door.grpc_status import PROBLEM_KEY
from streaming.feed import envelope, read_rows
from tests.fixtures.stack import RunningStack
from tests.integration.serve_app.doors import without_times

pytestmark = pytest.mark.integration
COUNT = 100


@pytest.fixture
def channel(stack: RunningStack) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(stack.place.grpc, [("grpc.max_receive_message_length", 64 * 1024**2)]) as channel:
        yield channel


def key(stack: RunningStack) -> list[tuple[str, str]]:
    return [("x-api-key", stack.place.home.api_key())]


def plain(decision: Any) -> dict[str, Any]:
    """Return a decision as the JSON document without its times."""
    found = MessageToDict(decision, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    return without_times(found | {"sk_id_curr": int(found["sk_id_curr"])})


def test_decisions_are_those_of_http(stack: RunningStack, channel: grpc.Channel) -> None:
    """Alone and a thousand at once, every field of every decision."""
    rows = list(itertools.islice(itertools.cycle(read_rows(stack.applications)), 1000))
    messages = [envelope(row, f"grpc-{number}-") for number, row in enumerate(rows)]
    methods = DecisionsStub(channel)
    with stack.client() as client:
        answer = client.post("/v1/decisions", content=to_json({"applications": messages[:COUNT]}))
    by_http = [without_times(one) for one in answer.json()["decisions"]]
    alone = [
        methods.Decide(DecideRequest(applications=[to_json(message)]), metadata=key(stack)).decisions[0]
        for message in messages[:5]
    ]
    assert [plain(one) for one in alone] == by_http[:5]
    together = methods.Decide(DecideRequest(applications=[to_json(m) for m in messages]), metadata=key(stack))
    assert [plain(one) for one in together.decisions][:COUNT] == by_http
    assert [one.application_id for one in together.decisions] == [m["application_id"] for m in messages]


def test_an_explanation_is_that_of_http(stack: RunningStack, channel: grpc.Channel) -> None:
    """One client on file, its contributions to the bit."""
    client_id = int(next(iter(read_rows(stack.applications)))["SK_ID_CURR"])
    with stack.client() as client:
        by_http = client.post("/explain", json={"sk_id_curr": client_id}).json()
    reply = DecisionsStub(channel).Explain(ExplainRequest(sk_id_curr=client_id), metadata=key(stack))
    assert dict(reply.contributions) == by_http["contributions"]
    assert reply.decision.decision_id == by_http["decision_id"]


def test_errors_come_as_statuses_with_the_problem(stack: RunningStack, channel: grpc.Channel) -> None:
    """No key, an unknown client and an invalid application, through HAProxy and Serve."""
    methods = DecisionsStub(channel)
    for call, code, status in (
        (lambda: methods.Explain(ExplainRequest(sk_id_curr=1)), grpc.StatusCode.UNAUTHENTICATED, 401),
        (
            lambda: methods.Explain(ExplainRequest(sk_id_curr=1), metadata=key(stack)),
            grpc.StatusCode.NOT_FOUND,
            404,
        ),
        (
            lambda: methods.Decide(DecideRequest(applications=[b"{"]), metadata=key(stack)),
            grpc.StatusCode.INVALID_ARGUMENT,
            422,
        ),
    ):
        with pytest.raises(grpc.RpcError) as raised:
            call()
        assert raised.value.code() is code
        assert orjson.loads(dict(raised.value.trailing_metadata())[PROBLEM_KEY])["status"] == status


def test_reflection_names_the_service_without_a_key(stack: RunningStack, channel: grpc.Channel) -> None:
    """As the documentation of the HTTP API is open, so is the description of this one."""
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([ask]))
    assert "loanstream.v1.Decisions" in {one.name for one in answer.list_services_response.service}
