"""Dashboards pushed into a Grafana."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from credit.errors import DependencyUnavailable, SettingsError
from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.push import DashboardEvent, push


class Grafana:
    """A stand-in for Grafana's HTTP API that keeps what it is given, as the real one would."""

    def __init__(self) -> None:
        self.folders: dict[str, Any] = {}
        self.sources: dict[str, Any] = {}
        self.boards: dict[str, Any] = {}
        self.annotations: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.refuse = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                status, answer = outer.answer(self.command, self.path, body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = _do  # noqa: N815 - the names that the base class looks for

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if self.refuse:
            return 401, {"message": "invalid API key"}
        path = path.removeprefix("/api")
        self.calls.append(f"{method} {path.split('?')[0]}")
        if path.startswith("/folders/"):
            uid = path.rsplit("/", 1)[1]
            return (200, self.folders[uid]) if uid in self.folders else (404, {"message": "folder not found"})
        if path == "/folders" and method == "POST":
            self.folders[body["uid"]] = body
            return 200, body
        if path.startswith("/datasources/uid/"):
            uid = path.rsplit("/", 1)[1]
            return (200, self.sources[uid]) if uid in self.sources else (404, {"message": "Data source not found"})
        if path.startswith("/datasources"):
            self.sources[body["uid"]] = body | {"id": 7}
            return 200, {"id": 7}
        if path == "/dashboards/db":
            self.boards[body["dashboard"]["uid"]] = body
            return 200, {"status": "success"}
        if path.startswith("/annotations") and method == "GET":
            return 200, self.annotations
        if path == "/annotations":
            self.annotations.append(body)
            return 200, {"id": len(self.annotations)}
        return 404, {"message": f"no {path}"}


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    stand_in = Grafana()
    yield stand_in
    stand_in.server.shutdown()
    stand_in.server.server_close()


def test_pushing_twice_changes_nothing_more(grafana: Grafana) -> None:
    """Folder and data source are made once, dashboards overwritten, and each annotation stands once."""
    events = [DashboardEvent("promotion", 1000, "champion is version 2"), DashboardEvent("deployment", 2000, "0.2.0")]
    first = push(grafana.url, "token", "http://p:9090", events)
    assert first.dashboards == [board.uid for board in BOARDS]
    assert (first.annotations_added, first.annotations_known) == (2, 0)
    state = json.dumps([grafana.folders, grafana.sources, grafana.boards, grafana.annotations], sort_keys=True)
    second = push(grafana.url, "token", "http://p:9090", events)
    assert (second.annotations_added, second.annotations_known) == (0, 2)
    assert json.dumps([grafana.folders, grafana.sources, grafana.boards, grafana.annotations], sort_keys=True) == state
    assert grafana.calls.count("POST /folders") == 1
    assert grafana.calls.count("POST /datasources") == 1
    assert all(body["folderUid"] == "loanstream" and body["overwrite"] for body in grafana.boards.values())
    assert grafana.sources["loanstream-prometheus"]["url"] == "http://p:9090"


def test_a_grafana_that_refuses_or_is_away_is_named(grafana: Grafana) -> None:
    """A wrong token and a dead server each end in one line with the address."""
    grafana.refuse = True
    with pytest.raises(SettingsError, match="check the token"):
        push(grafana.url, "wrong")
    with pytest.raises(DependencyUnavailable, match=r"127\.0\.0\.1:1"):
        push("http://127.0.0.1:1", "token", timeout_s=2.0)
