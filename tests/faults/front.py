"""Where a proxy's clients come, and the broker behind it; either side may be TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from kafka.net.sasl.scram import ScramClient
from kafka.protocol.sasl import SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest

from streaming.broker.ports import LOOPBACK

_MECHANISM = "SCRAM-SHA-512"
_HANDSHAKE_VERSION, _AUTHENTICATE_VERSION = 1, 0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Front:
    """One listener of a proxy and the broker's address that belongs to it.

    listen: opens the listener; accepting, connecting: TLS towards clients and broker, None where it is plain;
    user, password: for connections of the proxy's own to a broker that wants SCRAM (its clients sign in themselves).
    """

    listen: Callable[[], socket.socket]
    target: tuple[str, int]
    accepting: ssl.SSLContext | None = None
    connecting: ssl.SSLContext | None = None
    user: str = ""
    password: str = ""

    @classmethod
    def on_loopback(cls, port: int, target: int) -> Front:
        """Return one whose both sides are plain ports of this machine."""
        return cls(lambda: socket.create_server((LOOPBACK, port)), (LOOPBACK, target))

    async def connect(self) -> Streams:
        """Return a connection to the broker on which nobody has signed in."""
        return await asyncio.open_connection(*self.target, ssl=self.connecting)

    async def connect_signed_in(self) -> Streams:
        """Return a connection to the broker that it takes requests on."""
        streams = await self.connect()
        if self.user:
            await _sign_in(*streams, self.user, self.password)
        return streams


async def _sign_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: str, password: str) -> None:
    await _ask(reader, writer, SaslHandshakeRequest(mechanism=_MECHANISM, version=_HANDSHAKE_VERSION))
    scram = ScramClient(user, password, _MECHANISM)
    for say, hear in (
        (scram.first_message, scram.process_server_first_message),
        (scram.final_message, scram.process_server_final_message),
    ):
        request = SaslAuthenticateRequest(auth_bytes=say(), version=_AUTHENTICATE_VERSION)
        answer = await _ask(reader, writer, request)
        body = SaslAuthenticateResponse.decode(answer[4:], version=_AUTHENTICATE_VERSION, header=True)
        if body.error_code:
            raise ConnectionRefusedError(f"the broker refuses {user}: {body.error_message}")
        hear(body.auth_bytes)


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: object) -> bytes:
    request.with_header(correlation_id=0, client_id="late")  # type: ignore[attr-defined]
    writer.write(request.encode(framed=True, header=True))  # type: ignore[attr-defined]
    return await read_frame(reader)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return one whole message, its length in front; raises IncompleteReadError at the connection's end."""
    length = await reader.readexactly(4)
    return length + await reader.readexactly(int.from_bytes(length))
