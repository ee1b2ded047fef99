"""The desk's process: Streamlit's ASGI application with our document around it."""

from __future__ import annotations

import logging
import time
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from desk.looks.middleware import OurDocument
from desk.navigation import SECTIONS
from desk.settings import DeskSettings
from desk.signin.cookie import CookiesOverTls, session_route
from desk.signin.oidc import secrets_of
from desk.signin.tickets import TICKETS
from desk.words import LANGUAGES, _, moment
from desk.words.texts import translations

if TYPE_CHECKING:
    import streamlit

SCRIPT: Final = Path(__file__).parent / "script" / "app.py"


def build(settings: DeskSettings) -> streamlit.App:
    """Return the ASGI application."""
    import streamlit
    from starlette.middleware import Middleware

    secure = settings.address.startswith("https://")
    middleware = [Middleware(OurDocument, language=settings.language)]
    middleware += [Middleware(CookiesOverTls)] if secure else []
    kept = settings.cookie_secret
    cookie_secret = token_hex(32) if kept is None else kept.get_secret_value()
    return streamlit.App(
        SCRIPT,
        secrets=secrets_of(settings, cookie_secret),
        routes=[session_route(TICKETS, secure)],
        middleware=middleware,
        on_script_error=said_in_our_words,
    )


def said_in_our_words(error: Exception) -> bool:
    """Log what nobody foresaw with its trace, and say it to the person in words; true, since it is said then."""
    import streamlit

    logging.getLogger(__name__).error("a page failed", exc_info=error)
    streamlit.error(
        _("Something on the desk went wrong that nobody foresaw. What you typed is kept: load the page again.")
        + " "
        + _("If it happens again, tell operations the time, {moment}.").format(moment=moment(int(time.time() * 1000))),
        icon=":material/error:",
    )
    return True


def warm() -> None:
    """Import all that pages need before anybody is let in, so that the first person does not wait for it."""
    for entries in SECTIONS.values():
        for entry in entries:
            import_module(f"desk.pages.{entry.module}")
    for language in LANGUAGES:
        translations(language)


def options(settings: DeskSettings) -> dict[str, Any]:
    """Return Streamlit's own options."""
    return {
        "server.address": settings.host,
        "server.port": settings.port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.maxUploadSize": 20,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "none",
        "client.showSidebarNavigation": True,
        "runner.magicEnabled": False,
    }


def serve(settings: DeskSettings) -> None:
    """Serve until the process is ended."""
    warm()
    build(settings).run(config=options(settings))
