"""Small pieces of HTML, each with what it holds escaped."""

from __future__ import annotations

from html import escape as _escape


def escape(text: object) -> str:
    """Return a text that HTML shows as it is."""
    return _escape(str(text), quote=True)
