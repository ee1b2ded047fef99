"""Which application answers a request, whatever it does."""

from __future__ import annotations

import asyncio
from typing import Any

from credit.errors import Overloaded
from serve_app.door.answer import Answer
from serve_app.door.asgi import HttpApi
from serve_app.door.gate import OneKeyGate


class Seen:
    """What was sent and what was counted."""

    def __init__(self) -> None:
        self.status: list[int] = []
        self.counted: list[tuple[str, int]] = []
        self.others: list[str] = []

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status.append(message["status"])

    def answered(self, path: str, status: int, seconds: float) -> None:
        self.counted.append((path, status))

    async def other(self, scope: Any, receive: Any, send: Any) -> None:
        self.others.append(scope["type"])
        if scope["type"] == "http":
            await Answer(204, b"").send(send)


async def fine(body: bytes) -> Answer:
    return Answer.of(body.decode())


async def busy(_: bytes) -> Answer:
    raise Overloaded("full")


async def broken(_: bytes) -> Answer:
    raise ZeroDivisionError


def ask(method: str, path: str, *messages: Any, kind: str = "http") -> Seen:
    seen = Seen()
    routes = {("POST", "/fine"): fine, ("POST", "/busy"): busy, ("POST", "/broken"): broken}
    api = HttpApi(OneKeyGate("k"), routes, seen.other, seen)
    left = list(messages) or [{"type": "http.request", "body": b"x"}]

    async def receive() -> Any:
        return left.pop(0)

    scope = {"type": kind, "method": method, "path": path, "headers": [(b"x-api-key", b"k")]}
    asyncio.run(api(scope, receive, seen.send))
    return seen


def test_bare_routes_are_matched_by_method_and_path() -> None:
    """Anything else is for the documented application; what is no request is not counted."""
    assert ask("POST", "/fine").counted == [("/fine", 200)]
    for method, path in (("GET", "/fine"), ("POST", "/finer")):
        seen = ask(method, path)
        assert (seen.status, seen.others, seen.counted) == ([204], ["http"], [("other", 204)])
    lifespan = ask("", "", kind="lifespan")
    assert (lifespan.others, lifespan.counted) == (["lifespan"], [])


def test_every_end_of_a_route_is_an_answer() -> None:
    """Our errors, faults of ours, and a caller that leaves in the middle of its body."""
    assert ask("POST", "/busy").counted == [("/busy", 429)]
    assert ask("POST", "/broken").status == [500]
    assert ask("POST", "/fine", {"type": "http.disconnect"}).counted == [("/fine", 400)]
