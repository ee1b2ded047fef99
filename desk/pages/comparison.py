"""The page Comparison."""

from __future__ import annotations

from desk.parts.frame import heading
from desk.session import DeskSession
from desk.words import _


def show(desk: DeskSession) -> None:
    """Draw the page."""
    del desk
    heading(_("Comparison"))
