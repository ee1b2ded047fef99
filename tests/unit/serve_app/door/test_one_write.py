"""Answers of a real uvicorn, whose writes to the socket are counted."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import pytest
import uvicorn

from serve_app.door.answer import Answer, Receive, Scope, Send
from serve_app.door.one_write import AnswerInOneWrite


class CountedTransport:
    """Counts what is written; everything else is the transport's own."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class CountWrites:
    """Puts a count between uvicorn and what is tested."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.transports: list[CountedTransport] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cycle: Any = getattr(send, "__self__")  # noqa: B009 - mypy knows no such thing of a Send
            cycle.transport = CountedTransport(cycle.transport)
            self.transports.append(cycle.transport)
        await self._app(scope, receive, send)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whole, in pieces, with a head alone, or not to the end."""
    path = scope["path"]
    if path == "/whole":
        await Answer.of({"a": 1}).send(send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    if path == "/fails":
        raise ValueError("an application that fails")
    for piece in (b"one", b"two"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def counted(paths: list[str]) -> tuple[list[httpx.Response | None], list[list[bytes]]]:
    """Ask a real server for these paths over one connection: the answers, None where none came, and what it wrote."""
    counting = CountWrites(AnswerInOneWrite(app))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(counting, log_level="critical", lifespan="off"))

    async def play() -> list[httpx.Response | None]:
        serving = asyncio.create_task(server.serve([listening]))
        answers: list[httpx.Response | None] = []
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
            for path in paths:
                try:
                    answers.append(await client.get(path))
                except httpx.RemoteProtocolError:
                    answers.append(None)
        server.should_exit = True
        await serving
        return answers

    answers = asyncio.run(play())
    return answers, [transport.writes for transport in counting.transports]


def test_head_and_body_are_one_write() -> None:
    """Twice over one connection: the second answer is joined as the first is."""
    answers, writes = counted(["/whole", "/whole"])
    assert [answer and answer.json() for answer in answers] == [{"a": 1}, {"a": 1}]
    assert [len(of_answer) for of_answer in writes] == [1, 1]
    assert writes[0][0].startswith(b"HTTP/1.1 200 OK")
    assert writes[0][0].endswith(b'{"a":1}')


def test_pieces_after_the_first_go_as_they_come() -> None:
    answers, writes = counted(["/pieces"])
    assert answers[0] is not None
    assert answers[0].text == "onetwo"
    assert len(writes[0]) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_head_without_a_body_leaves_too() -> None:
    """An application that fails after its head: the caller hears of the answer's end, as without the joining."""
    answers, writes = counted(["/fails"])
    assert answers == [None]
    assert writes[0][0].startswith(b"HTTP/1.1 200 OK")
