"""Dashboards as code: whole, reproducible, and asking only for metrics that somebody writes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit.errors import DependencyUnavailable, SettingsError
from monitoring import metrics as ours
from monitoring.dashboards import BOARDS, Event, push
from monitoring.dashboards.build import dashboard_json, queries
from monitoring.dashboards.files import grafana_files
from serve_app import metrics as serving
from streaming.gateway import metrics as streaming

ROOT = Path(__file__).parents[3]
KEYWORDS = {"sum", "by", "rate", "increase", "on", "max", "min", "avg", "count", "topk", "or", "and", "vector", "le"}


def known_metrics() -> set[str]:
    """Return every metric that some part writes, under the name that Prometheus sees."""
    bases = {value for name, value in vars(ours).items() if name.isupper() and isinstance(value, str)}
    bases |= {f"ray_{value}" for name, value in vars(serving).items() if name.isupper() and isinstance(value, str)}
    names = [*streaming.COUNTERS, *streaming.GAUGES, "phase_seconds", "in_doubt"]
    bases |= {f"ray_{streaming.PREFIX}{name}" for name in names}
    suffixed = {base + suffix for base in bases for suffix in ("", "_total", "_bucket", "_count", "_sum")}
    groups = yaml.safe_load((ROOT / "deploy/prometheus/recording_rules.yml").read_text())["groups"]
    return suffixed | {rule["record"] for group in groups for rule in group["rules"]}


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:ray_)?loanstream[_:][a-zA-Z_:0-9]+", re.sub(r'"[^"]*"', '""', expression)))


def test_every_query_asks_for_a_metric_that_is_written() -> None:
    """Panels name our metrics as `metrics.py` of monitoring, serving and streaming do, or a recording rule."""
    known = known_metrics()
    assert {name for _, _, query in queries(BOARDS) for name in names_in(query)} - known == set()


def test_every_rule_asks_for_a_metric_that_is_written() -> None:
    """So do alerts and recording rules."""
    known = known_metrics()
    for file in ("recording_rules.yml", "alert_rules.yml"):
        groups = yaml.safe_load((ROOT / "deploy/prometheus" / file).read_text())["groups"]
        for rule in (rule for group in groups for rule in group["rules"]):
            assert names_in(rule["expr"]) - known == set()


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_dashboard_is_whole(board: Any) -> None:
    """Panels have unique ids, do not overlap, and ask the project's data source."""
    document = dashboard_json(board)
    panels = document["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for p in panels
        for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
        for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    for panel in panels:
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "loanstream-prometheus"
            assert target["expr"]
    assert document["uid"] == board.uid


def test_the_provisioned_files_are_those_of_the_code() -> None:
    """`deploy/grafana` holds what `python -m monitoring.dashboards.files deploy/grafana` writes, and nothing else."""
    folder = ROOT / "deploy" / "grafana"
    there = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert there == grafana_files()


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
    events = [Event("promotion", 1000, "champion is version 2"), Event("deployment", 2000, "0.2.0")]
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
