"""Where a model is taken from, in order, and what an outage of a source changes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from credit.errors import DependencyUnavailable, LoanstreamError, ModelNotFound
from serve_app.models.sources import FirstAvailable, FolderSource, HubSource, MlflowSource

COMMIT = "4f" * 20
FILES = {"model.lgb": b"tree\n", "manifest.json": b"{}"}


class Source:
    """A source whose versions begin with its name, or that is away."""

    def __init__(self, name: str, failure: LoanstreamError | None = None) -> None:
        self.name, self.failure = name, failure

    def current(self) -> str:
        if self.failure:
            raise self.failure
        return f"{self.name}-1"

    def gave(self, version: str) -> bool:
        return version.startswith(self.name)

    def folder(self, version: str) -> Path:
        return Path(self.name) / version


def test_a_source_that_is_away_is_passed_over_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """The next source's model is used, and the log names both."""
    sources = FirstAvailable([Source("registry", DependencyUnavailable("no answer")), Source("folder")])
    with caplog.at_level(logging.INFO):
        assert sources.current() == "folder-1"
    assert "registry passed over: no answer" in caplog.text
    assert "taken from folder: version folder-1" in caplog.text


def test_an_outage_of_the_registry_does_not_change_the_model() -> None:
    """What came from the registry is not replaced by a fallback; the registry's return replaces the fallback."""
    registry = Source("registry", DependencyUnavailable("no answer"))
    sources = FirstAvailable([registry, Source("folder")])
    assert sources.current() == "folder-1"
    registry.failure = None
    assert sources.current() == "registry-1"
    registry.failure = DependencyUnavailable("no answer")
    with pytest.raises(DependencyUnavailable):
        sources.current()


def test_a_version_is_fetched_from_the_source_that_gave_it() -> None:
    """Also where another process asked for the version: a batch is explained by the model that scored it."""
    sources = FirstAvailable([Source("registry"), Source("folder")])
    assert sources.folder("folder-9") == Path("folder/folder-9")
    with pytest.raises(ModelNotFound, match="none of the model sources"):
        sources.folder("elsewhere-1")


def test_the_forms_of_versions_do_not_overlap(tmp_path: Path) -> None:
    """A registry's number, a Hub's commit and a folder are told apart."""
    sources = (MlflowSource("sqlite://", "m", "champion"), HubSource("bank/credit"), FolderSource(tmp_path))
    for i, version in enumerate(("12", f"hub-{COMMIT}", FolderSource(tmp_path).current())):
        assert [source.gave(version) for source in sources] == [i == k for k in range(3)]


def test_with_all_sources_away_the_first_reason_is_given(tmp_path: Path) -> None:
    """The error is the registry's, not that of the last resort."""
    sources = FirstAvailable([Source("registry", ModelNotFound("train one")), FolderSource(tmp_path / "none")])
    with pytest.raises(ModelNotFound, match="train one"):
        sources.current()
    with pytest.raises(ModelNotFound, match="no model source"):
        FirstAvailable([]).current()


class Hub(BaseHTTPRequestHandler):
    """The part of the Hub's API that a snapshot needs, for one repository of one commit."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = self.path.split("?")[0].strip("/").split("/")
        if parts in (["api", "models", "bank", "credit"], ["api", "models", "bank", "credit", "revision", "main"]):
            info = {"id": "bank/credit", "modelId": "bank/credit", "sha": COMMIT, "siblings": []}
            info["siblings"] = [{"rfilename": name} for name in FILES]
            self._answer(200, json.dumps(info).encode())
        elif parts[:4] == ["api", "models", "bank", "credit"] and "tree" in parts:
            tree = [{"type": "file", "path": n, "size": len(b), "oid": sha1(b).hexdigest()} for n, b in FILES.items()]
            self._answer(200, json.dumps(tree).encode())
        elif parts[:4] == ["bank", "credit", "resolve", COMMIT] and parts[4] in FILES:
            body = FILES[parts[4]]
            self._answer(200, body, {"ETag": f'"{sha1(body).hexdigest()}"', "X-Repo-Commit": COMMIT})
        else:
            self._answer(404, b"", {"X-Error-Code": "RepoNotFound"})

    do_HEAD = do_GET  # noqa: N815 - the server looks for this name

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests quiet."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    constants = pytest.importorskip("huggingface_hub.constants", reason="the extra `hub` is not installed")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_model_comes_from_a_hub_repository(hub: str) -> None:
    """Its version is the commit, and its folder holds the files of that commit."""
    source = HubSource("bank/credit@main", endpoint=hub)
    assert source.current() == f"hub-{COMMIT}"
    folder = source.folder(source.current())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def test_a_hub_without_the_repository_or_away_says_so(hub: str) -> None:
    """No such repository is ModelNotFound, a server that is down DependencyUnavailable: both are passed over."""
    with pytest.raises(ModelNotFound, match="bank/other"):
        HubSource("bank/other", endpoint=hub).current()
    with pytest.raises(DependencyUnavailable, match="does not answer"):
        HubSource("bank/credit", endpoint="http://127.0.0.1:1").current()
