"""What a page works with: who asks, the API as that person, and how to show it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from desk.client.base import DeskApi
from desk.looks.palette import PALETTES, Palette, Theme
from desk.settings import DeskSettings
from desk.signin.person import Person
from desk.words import Language


@dataclass(frozen=True, slots=True)
class DeskSession:
    """One person's view of the desk while a page is drawn."""

    settings: DeskSettings
    person: Person
    api: DeskApi
    theme: Theme
    language: Language

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        return PALETTES[self.theme]


def connection(settings: DeskSettings) -> httpx.Client:
    """Return the connections to the API that all sessions of the process share."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
    timeout = httpx.Timeout(settings.timeout_s, connect=3.0)
    return httpx.Client(base_url=settings.api_url, timeout=timeout, limits=limits)
