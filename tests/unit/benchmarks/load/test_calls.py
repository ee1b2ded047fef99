"""The driver of doors that answer, against a server of the test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.load.calls import CalledDoor, closed_loop, open_loop
from benchmarks.load.schedule import Schedule


class Pausing(BaseHTTPRequestHandler):
    """Answers at once, but refuses client 13."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(500 if b"13" in body or self.headers["X-API-Key"] != "a key" else 200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pausing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_closed_loop_counts_answers_and_failures_apart(address: str) -> None:
    """Every third request is of the client that is refused."""
    row = closed_loop(CalledDoor("HTTP", address, "a key", (1, 2, 13)), 2, 0.3, warm_s=0.1)
    assert row.count > 0
    assert row.failures == pytest.approx(row.count / 2, abs=2)


def test_an_open_loop_sends_all_whatever_is_answered() -> None:
    """A door that is not there gives failures, one for each arrival, and ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        row = open_loop(CalledDoor("HTTP", f"127.0.0.1:{taken.getsockname()[1]}", "a key", (1,)), Schedule(20, 200.0))
    assert (row.count, row.failures) == (0, 20)
