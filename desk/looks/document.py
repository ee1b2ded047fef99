"""Makes Streamlit's HTML document the desk's own: its language, title, colours, style sheet and script."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from desk.looks.palette import DARK, LIGHT, Palette
from desk.words.language import Language

FOLDER: Final = Path(__file__).parent
ICON: Final = str(FOLDER / "icon.svg")
THEME_COOKIE: Final = "loanstream-desk-theme"
LANGUAGE_COOKIE: Final = "loanstream-desk-language"
_SANS: Final = '"Source Sans", system-ui, sans-serif'
_SERIF: Final = '"Source Serif", Georgia, serif'


def streamlit_theme(palette: Palette) -> dict[str, Any]:
    """Return a palette as Streamlit's front end takes the colours of its own widgets."""
    return {
        "primaryColor": palette.accent,
        "backgroundColor": palette.ground,
        "secondaryBackgroundColor": palette.surface,
        "textColor": palette.text,
        "borderColor": palette.control,
        "widgetBorderColor": palette.control,
        "linkColor": palette.accent,
        "bodyFont": _SANS,
        "headingFont": _SERIF,
        "baseRadius": "8px",
        "buttonRadius": "8px",
        "showWidgetBorder": True,
    }


@lru_cache(maxsize=1)
def head() -> str:
    """Return what goes into the document's head, before Streamlit's own scripts run."""
    themes = {"LIGHT_THEME": streamlit_theme(LIGHT), "DARK_THEME": streamlit_theme(DARK)}
    cookies = {"theme": THEME_COOKIE, "language": LANGUAGE_COOKIE}
    variables = f':root{{{LIGHT.css()}}}:root[data-theme="dark"]{{{DARK.css()}}}'
    script = (FOLDER / "desk.js").read_text()
    page = f"window.__streamlit={{...{_json(themes)},BACKEND_BASE_URL:location.origin+'/'}};"
    return (
        f"<style>{variables}{(FOLDER / 'desk.css').read_text()}</style>"
        f"<script>{page}const deskCookies={_json(cookies)};{script}</script>"
    )


def as_ours(document: str, language: Language) -> str:
    """Return Streamlit's index.html with our head, title and language."""
    return (
        document.replace('<html lang="en">', f'<html lang="{language}">', 1)
        .replace("<title>Streamlit</title>", "<title>Loanstream</title>", 1)
        .replace("<head>", "<head>" + head(), 1)
    )


def _json(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")
