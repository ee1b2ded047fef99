"""An ASGI layer over Streamlit: the document becomes ours, and the page may message itself, and nobody frame it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from desk.looks.document import LANGUAGE_COOKIE, as_ours
from desk.words.language import Language, language_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
_HOST_CONFIG: Final = "/_stcore/host-config"
# Files that people made and take along: a report among them is a document too, and not ours to change.
_FILES: Final = "/media/"
# A page that others frame can be made to hold clicks that nobody meant.
_HEADERS: Final = [
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_OF_THE_FORMER: Final = (b"content-length", b"content-encoding", b"etag", b"last-modified")


class OurDocument:
    """Wraps Streamlit's application."""

    def __init__(self, app: AsgiApp, language: Language) -> None:
        self._app, self._language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; only documents and the list of origins are changed."""
        if scope["type"] != "http" or scope["method"] != "GET" or _FILES in scope["path"]:
            await self._app(scope, receive, send)
            return
        start: MutableMapping[str, Any] = {}
        body = bytearray()
        changed = False

        async def sending(message: MutableMapping[str, Any]) -> None:
            nonlocal start, changed
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                ours = scope["path"].endswith(_HOST_CONFIG) and message["status"] == 200
                changed = kind.startswith(b"text/html") or ours
                if changed:
                    start = message
                    return
            elif changed and message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    await self._finish(scope, start, bytes(body), send)
                return
            await send(message)

        if scope["path"].rsplit("/", 1)[-1].find(".") < 0:
            scope = {**scope, "headers": _plain(scope["headers"])}
        await self._app(scope, receive, sending)

    async def _finish(self, scope: Scope, start: MutableMapping[str, Any], body: bytes, send: Send) -> None:
        headers = dict(scope["headers"])
        # Streamlit answers an address that it does not know, as /favicon.ico, with the document too, and compressed.
        if dict(start["headers"]).get(b"content-encoding") == b"gzip":
            body = gzip.decompress(body)
        if scope["path"].endswith(_HOST_CONFIG):
            host = headers.get(b"host", b"").decode("latin-1")
            body = json.dumps(json.loads(body) | {"allowedOrigins": [f"http://{host}", f"https://{host}"]}).encode()
        else:
            body = as_ours(body.decode(), self._spoken(headers)).encode()
        kept = [(n, v) for n, v in start["headers"] if n.lower() not in _OF_THE_FORMER]
        sized = [*kept, *_HEADERS, (b"content-length", str(len(body)).encode())]
        await send({**start, "headers": sized})
        await send({"type": "http.response.body", "body": body})

    def _spoken(self, headers: dict[bytes, bytes]) -> Language:
        return spoken(
            headers.get(b"cookie", b"").decode("latin-1"),
            headers.get(b"accept-language", b"").decode("latin-1"),
            self._language,
        )


def spoken(cookies: str, accepted: str, fallback: Language) -> Language:
    """Return the language of a request: what the person chose, else what the browser asks for."""
    try:
        chosen = SimpleCookie(cookies).get(LANGUAGE_COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None:
        return language_of(chosen.value, fallback)
    return language_of(accepted.split(",", 1)[0].split(";", 1)[0].strip() or None, fallback)


def _plain(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Drop what would make the answer compressed or empty (304), which could not be changed."""
    dropped = (b"accept-encoding", b"if-none-match", b"if-modified-since")
    return [(name, value) for name, value in headers if name.lower() not in dropped]
