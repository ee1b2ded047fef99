"""A made-up name and a drawn face for a client of a demo: the same number gives the same, and nobody is meant."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Final

_FIRST: Final = tuple(
    "Alex Andrea Camille Charlie Claude Dominique Eden Elia Francis Gabriel Ilya Jamie Jo Jules Kim Lou Maxime Mika "
    "Morgan Nikita Noa Robin Sacha Sam Sasha Toni Valery Yael Yuri Zoe".split()
)
_LAST: Final = tuple(
    "Abel Amari Bauer Belmont Caron Castel Dvorak Eklund Faure Ferran Garnier Hanak Ivers Jansen Kolar Lambert Lindt "
    "Marek Moreau Navarro Novak Okafor Perrin Quint Rossi Sadler Tanaka Urban Vidal Weiss".split()
)
_SKIN: Final = ("#f6d7c3", "#eabf9f", "#d9a066", "#b97a4b", "#8d5a36", "#5e3a24")
_HAIR: Final = ("#1f1a17", "#4a2f1b", "#7a4a21", "#b0793a", "#d8b26a", "#8a8a8a", "#9c3d24")
_SHIRT: Final = ("#3b6ea5", "#4f8a5b", "#8a4f7d", "#a5673b", "#5a6b7b", "#7b6a3b")
_GROUND: Final = ("#e8eef5", "#eef5e8", "#f5eee8", "#f0e8f5", "#e8f5f2")
_MOUTHS: Final = ("M48 82 Q60 92 72 82", "M50 84 Q60 88 70 84", "M50 85 L70 85")
_FRINGES: Final = (
    "M30 52 Q32 20 60 20 Q88 20 90 52 Q76 36 60 38 Q44 36 30 52 Z",
    "M30 56 Q28 18 62 18 Q92 20 90 56 Q84 34 50 36 Q38 38 30 56 Z",
    "M32 44 Q40 22 60 22 Q80 22 88 44 Q60 34 32 44 Z",
)


def made_up_identity(client_id: int) -> tuple[str, str]:
    """Return a name and a face (a data URL of an SVG) for a client's number; the number cannot be read from them."""
    draw = _Draw(hashlib.blake2b(f"made up|{client_id}".encode(), digest_size=16).digest())
    name = f"{draw.one(_FIRST)} {draw.one(_LAST)}"
    face = base64.b64encode(_face(draw).encode()).decode()
    return name, f"data:image/svg+xml;base64,{face}"


class _Draw:
    """Takes one byte of a digest for each choice."""

    def __init__(self, digest: bytes) -> None:
        self._bytes = iter(digest)

    def one(self, choices: Sequence[str]) -> str:
        return choices[next(self._bytes) % len(choices)]


def _face(draw: _Draw) -> str:
    skin, hair, shirt, ground = draw.one(_SKIN), draw.one(_HAIR), draw.one(_SHIRT), draw.one(_GROUND)
    glasses = draw.one(("", "", _GLASSES))
    long_hair = draw.one(("", f'<rect x="27" y="44" width="66" height="52" rx="22" fill="{hair}"/>'))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" role="img" aria-label="made-up face">'
        f'<rect width="120" height="120" fill="{ground}"/>{long_hair}'
        f'<path d="M18 120 Q20 96 60 96 Q100 96 102 120 Z" fill="{shirt}"/>'
        f'<rect x="51" y="84" width="18" height="18" fill="{skin}"/>'
        f'<ellipse cx="60" cy="60" rx="29" ry="34" fill="{skin}"/><path d="{draw.one(_FRINGES)}" fill="{hair}"/>'
        '<circle cx="49" cy="60" r="3.2" fill="#222"/><circle cx="71" cy="60" r="3.2" fill="#222"/>'
        f'{glasses}<path d="{draw.one(_MOUTHS)}" fill="none" stroke="#7a2e2e" stroke-width="2.5" '
        'stroke-linecap="round"/></svg>'
    )


_GLASSES: Final = (
    '<g fill="none" stroke="#333" stroke-width="2"><circle cx="49" cy="60" r="9"/><circle cx="71" cy="60" r="9"/>'
    '<path d="M58 60 L62 60"/></g>'
)
