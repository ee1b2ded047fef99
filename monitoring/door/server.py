"""The monitor's HTTP port: /metrics, /health, the status page, its figures as JSON, and the reports' files."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from credit.errors import PortTaken
from monitoring.door.health import HealthAnswer

AnswerHealth = Callable[[], HealthAnswer]
RenderPage = Callable[[], str]
TellStatus = Callable[[], dict[str, Any]]


class MonitorServer:
    """Serves a registry, a health answer, a page and a folder of reports on one port, in threads of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        health: AnswerHealth,
        page: RenderPage,
        reports: Path,
        status: TellStatus = dict,
    ) -> None:
        handler = _handler(registry, health, page, reports, status)
        try:
            self._server = ThreadingHTTPServer((host, port), handler)
        except OSError as error:
            raise PortTaken(
                f"port {port} on {host}: {error.strerror}; set LOANSTREAM_MONITOR_PORT to another"
            ) from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="monitor-http", daemon=True)

    @property
    def port(self) -> int:
        """The port in use, also where any was asked for."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def _handler(
    registry: CollectorRegistry, health: AnswerHealth, page: RenderPage, reports: Path, status: TellStatus
) -> type[BaseHTTPRequestHandler]:
    class MonitorHandler(BaseHTTPRequestHandler):
        server_version = "loanstream-monitor"

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path == "/metrics":
                encode, kind = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, kind, encode(registry))
            elif path == "/health":
                answer = health()
                self._answer(200 if answer.good else 503, "application/json", json.dumps(asdict(answer)).encode())
            elif path == "/status.json":
                self._answer(200, "application/json", json.dumps(status()).encode())
            elif path in {"/", "/index.html"}:
                self._answer(200, "text/html; charset=utf-8", page().encode())
            elif path.startswith("/reports/"):
                self._report(path.removeprefix("/reports/"))
            else:
                self._answer(404, "text/plain; charset=utf-8", b"not found\n")

        def _report(self, name: str) -> None:
            file = (reports / name).resolve()
            if file.parent != reports.resolve() or file.suffix not in {".html", ".json"} or not file.is_file():
                self._answer(404, "text/plain; charset=utf-8", b"not found\n")
                return
            kind = "text/html; charset=utf-8" if file.suffix == ".html" else "application/json"
            self._answer(200, kind, file.read_bytes())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Scrapes every few seconds are not worth a line each."""

    return MonitorHandler
