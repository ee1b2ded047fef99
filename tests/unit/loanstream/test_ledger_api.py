"""The commands' client of the ledger against a door that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from credit.errors import DependencyUnavailable, SettingsError
from loanstream.ledger_api import LedgerApi, LedgerRefused
from streaming.broker.ports import free_port

Answer = Callable[[str, str, dict[str, str], Any], tuple[int, Any]]


class Door:
    """A server whose answers a test sets; `asked` keeps what came."""

    def __init__(self) -> None:
        self.answer: Answer = lambda *_: (404, {"detail": "nothing here"})
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._any("GET")

            def do_POST(self) -> None:
                self._any("POST")

            def _any(self, method: str) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                door.asked.append((method, parts.path, query, body))
                status, answer = door.answer(method, parts.path, query, body)
                payload = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def api(door: Door) -> LedgerApi:
    return LedgerApi(door.url, "key")


def test_more_than_a_page_is_asked_page_by_page(door: Door, api: LedgerApi) -> None:
    """The door gives at most 500 an answer, and refuses to be asked for more."""
    pages = iter([{"decisions": [{}] * 500, "next": "x"}, {"decisions": [{}] * 200, "next": "y"}])
    door.answer = lambda *_: (200, next(pages))
    assert len(api.decisions({}, 700)) == 700
    assert [query["limit"] for _, _, query, _ in door.asked] == ["500", "200"]


def test_short_pages_are_gone_on_from(api: LedgerApi, door: Door) -> None:
    """An empty page with a `next` is no end."""
    pages = {None: ([1], "a"), "a": ([], "b"), "b": ([2, 3], "c"), "c": ([4], None)}

    def answer(_: str, __: str, query: dict[str, str], ___: Any) -> tuple[int, Any]:
        rows, following = pages[query.get("after")]
        return 200, {"decisions": [{"decision_id": str(n)} for n in rows], "next": following}

    door.answer = answer
    assert [d["decision_id"] for d in api.decisions({"outcome": "refer"}, 10)] == ["1", "2", "3", "4"]
    assert all(query["outcome"] == "refer" for _, _, query, _ in door.asked)
    assert len(api.decisions({}, 3)) == 3


def test_the_next_review_is_taken_though_others_are_quicker(api: LedgerApi, door: Door) -> None:
    """A conflict on the first means the next one; on a named one it is told."""
    taken = ["one"]

    def answer(method: str, path: str, _: dict[str, str], __: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"reviews": [{"review_id": "one" if len(door.asked) == 1 else "two"}]}
        name = path.split("/")[3]
        return (409, {"detail": "taken by ben"}) if name in taken else (200, {"review_id": name})

    door.answer = answer
    assert api.take(None)["review_id"] == "two"
    with pytest.raises(LedgerRefused, match="ben"):
        api.take("one")


def test_a_refusal_says_which_field(api: LedgerApi, door: Door) -> None:
    """The problem document's fields come through; without them its detail does."""
    door.answer = lambda *_: (422, {"detail": "x", "errors": [{"field": "reason", "message": "give one of a, b"}]})
    with pytest.raises(LedgerRefused, match="reason: give one of a, b"):
        api.decide_review("one", "uphold", "because", None)
    door.answer = lambda *_: (403, {"detail": "above the limit"})
    with pytest.raises(LedgerRefused, match="above the limit"):
        api.receipt("x")


def test_an_export_is_whole_or_not_there(api: LedgerApi, door: Door, tmp_path: Path) -> None:
    """The ending says the format; a refusal leaves no file."""
    door.answer = lambda *_: (200, b"decision_id\n1\n")
    assert api.export({"outcome": "refer"}, tmp_path / "a.csv") == 14
    assert door.asked[-1][2] == {"outcome": "refer", "format": "csv"}
    door.answer = lambda *_: (403, {"detail": "no"})
    with pytest.raises(LedgerRefused):
        api.export({}, tmp_path / "b.jsonl")
    with pytest.raises(SettingsError, match="xlsx"):
        api.export({}, tmp_path / "c.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_ledger_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    """One line that says how to start it."""
    with pytest.raises(DependencyUnavailable, match="loanstream up"):
        LedgerApi(f"http://127.0.0.1:{free_port()}", "key").receipt("x")
