"""An answer's head and body leave in one write.

uvicorn writes each as it comes, and its loop hands both to the kernel at once: two calls, and HAProxy and the caller
wake twice for one answer. What uvicorn writes to is found in its own object for the request; where a version of it has
none, or another server runs, answers leave as before.
"""

from __future__ import annotations

from typing import Any

from serve_app.door.answer import AsgiApp, Receive, Scope, Send


class AnswerInOneWrite:
    """Holds the first write of an answer back until its second."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        transport = getattr(cycle, "transport", None)
        if scope["type"] != "http" or transport is None:
            await self._app(scope, receive, send)
            return
        joined = JoinedWrites(transport)
        cycle.transport = joined  # type: ignore[union-attr]
        try:
            await self._app(scope, receive, send)
        finally:
            joined.flush()


class JoinedWrites:
    """A transport whose first two writes are one; everything else is the transport's own."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._held: bytes | None = None
        self._begun = False

    def write(self, data: bytes) -> None:
        """Hold the first, write it with the second, and the others as they come."""
        if not self._begun:
            self._begun, self._held = True, data
        elif self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held + data)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write what is held."""
        if self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held)

    def close(self) -> None:
        """Write what is held, and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
