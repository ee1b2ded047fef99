"""Answers and bodies as ASGI messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from serve_app.door.answer import Answer, read_body


def sent(answer: Answer) -> list[Any]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    asyncio.run(answer.send(send))
    return messages


def received(*messages: dict[str, Any]) -> bytes:
    left = list(messages)

    async def receive() -> Any:
        return left.pop(0)

    return asyncio.run(read_body(receive))


def test_an_answer_says_its_length() -> None:
    """Status, headers and content-length, then the body in one piece."""
    start, body = sent(Answer(503, b"later", ((b"retry-after", b"2"),)))
    assert start["status"] == 503
    assert dict(start["headers"]) == {b"retry-after": b"2", b"content-length": b"5"}
    assert body["body"] == b"later"


def test_what_is_not_finite_is_null() -> None:
    """JSON has no word for NaN."""
    assert Answer.of({"base_value": float("nan"), "raw": 0.5}).body == b'{"base_value":null,"raw":0.5}'


def test_a_body_may_come_in_parts() -> None:
    """One message or several: the same bytes."""
    assert received({"type": "http.request", "body": b"whole"}) == b"whole"
    parts = [{"type": "http.request", "body": b"in ", "more_body": True}, {"type": "http.request", "body": b"parts"}]
    assert received(*parts) == b"in parts"


def test_half_a_body_is_none() -> None:
    """A caller that goes away in the middle did not ask for anything."""
    with pytest.raises(ConnectionError):
        received({"type": "http.request", "body": b"hal", "more_body": True}, {"type": "http.disconnect"})
