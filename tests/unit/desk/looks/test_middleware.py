"""The document that a browser gets is the desk's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from desk.looks.document import LANGUAGE_COOKIE
from desk.looks.middleware import OurDocument, spoken

INDEX = '<!DOCTYPE html><html lang="en"><head><title>Streamlit</title></head><body></body></html>'


async def index(request: Request) -> HTMLResponse:
    return HTMLResponse(INDEX)


async def origins(request: Request) -> JSONResponse:
    return JSONResponse({"allowedOrigins": ["https://*.elsewhere"], "metricsUrl": ""})


async def script(request: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * 100, media_type="text/javascript")


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/", index),
        Route("/media/report.html", index),
        Route("/_stcore/host-config", origins),
        Route("/static/index.js", script),
    ]
    return TestClient(OurDocument(Starlette(routes=routes), "en"), base_url="http://desk.bank")  # type: ignore[arg-type]


def test_the_document_has_our_language_title_and_looks(client: TestClient) -> None:
    """Language by the browser, title, style sheet and script are in the document before Streamlit's own."""
    answer = client.get("/", headers={"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"})
    assert '<html lang="fr">' in answer.text
    assert "<title>Loanstream</title>" in answer.text
    assert "--approve-soft:" in answer.text
    assert "window.__streamlit=" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_an_address_that_nobody_knows_is_the_document_too() -> None:
    """Streamlit answers with its document, compressed where the name looks like a file's."""
    compressed = GZipMiddleware(Starlette(routes=[Route("/favicon.ico", index)]), minimum_size=1)
    with TestClient(OurDocument(compressed, "en"), base_url="http://desk.bank") as client:  # type: ignore[arg-type]
        answer = client.get("/favicon.ico", headers={"Accept-Encoding": "gzip"})
    assert "<title>Loanstream</title>" in answer.text
    assert "content-encoding" not in answer.headers


def test_a_file_that_is_taken_along_stays_as_it_was_made(client: TestClient) -> None:
    """A report is a document too, but not the desk's."""
    assert client.get("/media/report.html").text == INDEX


def test_nobody_frames_the_desk(client: TestClient) -> None:
    """Clicks on the desk are meant for the desk."""
    headers = client.get("/").headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_choice_is_stronger_than_the_browser(client: TestClient) -> None:
    """The cookie with what the person chose decides."""
    client.cookies.set(LANGUAGE_COOKIE, "en")
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "fr"}).text


def test_only_the_page_may_message_itself(client: TestClient) -> None:
    """Streamlit's list of strangers' addresses is replaced by the desk's own."""
    found: dict[str, Any] = json.loads(client.get("/_stcore/host-config").content)
    assert found == {"allowedOrigins": ["http://desk.bank", "https://desk.bank"], "metricsUrl": ""}


def test_all_else_goes_through_as_it_is(client: TestClient) -> None:
    """Scripts are neither read nor changed."""
    assert client.get("/static/index.js").text == "x" * 100


def test_a_broken_cookie_is_no_choice() -> None:
    """What cannot be read falls back to the browser's language."""
    assert spoken("a=;;;b==;\x00", "fr", "en") == "fr"
    assert spoken("", "", "fr") == "fr"
