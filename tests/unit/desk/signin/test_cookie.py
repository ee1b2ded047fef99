"""The route that sets the session's cookie."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from desk.signin.cookie import PATH, SESSION_COOKIE, CookiesOverTls, session_route
from desk.signin.tickets import SessionTickets

FROM_THE_PAGE = {"X-Loanstream-Desk": "session"}


def test_a_ticket_becomes_a_cookie_that_no_script_reads() -> None:
    """The answer sets the token as HttpOnly and for this site alone, and another ticket deletes it."""
    tickets = SessionTickets()
    with TestClient(Starlette(routes=[session_route(tickets, secure=False)])) as client:
        answer = client.post(PATH, content=tickets.issue("the-token"), headers=FROM_THE_PAGE)
        assert answer.status_code == 204
        words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")}
        assert {f"{SESSION_COOKIE}=the-token", "httponly", "samesite=strict"} <= words
        assert "secure" not in words
        assert client.cookies[SESSION_COOKIE] == "the-token"
        client.post(PATH, content=tickets.issue(None), headers=FROM_THE_PAGE)
        assert SESSION_COOKIE not in client.cookies


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [(FROM_THE_PAGE, "invented", 403), ({}, None, 403), (FROM_THE_PAGE, "x" * 101, 413)],
)
def test_what_is_no_ticket_of_this_page_sets_nothing(headers: dict[str, str], content: str | None, status: int) -> None:
    """An invented ticket, a form of another site (which cannot send our header), and a large body."""
    tickets = SessionTickets()
    with TestClient(Starlette(routes=[session_route(tickets, secure=True)])) as client:
        answer = client.post(PATH, content=content or tickets.issue("the-token"), headers=headers)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


def test_behind_tls_every_cookie_is_secure() -> None:
    """Streamlit's own cookies hold tokens too."""

    def two(_: Request) -> Response:
        answer = Response()
        answer.set_cookie("one", "1")
        answer.set_cookie("two", "2", secure=True)
        return answer

    app = Starlette(routes=[Route("/", two)], middleware=[Middleware(CookiesOverTls)])
    with TestClient(app) as client:
        cookies = client.get("/").headers.get_list("set-cookie")
    assert [cookie.lower().count("secure") for cookie in cookies] == [1, 1]
