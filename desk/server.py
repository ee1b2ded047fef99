"""The desk's process: Streamlit's ASGI application with our document around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desk.looks.middleware import OurDocument
from desk.settings import DeskSettings

if TYPE_CHECKING:
    import streamlit

SCRIPT: Final = Path(__file__).parent / "app.py"


def build(settings: DeskSettings) -> streamlit.App:
    """Return the ASGI application."""
    import streamlit
    from starlette.middleware import Middleware

    return streamlit.App(SCRIPT, middleware=[Middleware(OurDocument, language=settings.language)])


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
    build(settings).run(config=options(settings))
