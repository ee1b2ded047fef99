"""The colours of the desk, light and dark.

Each text colour has at least 4.5:1 on `ground` and `surface`, each border of a control 3:1 (WCAG 2.2 AA; a test
counts). Approve, refer and decline are blue, amber and brick, which stay apart for the colour-blind, and never stand
without their word and symbol; the charts' marks are their relatives.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, Literal

Theme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """One theme's colours, as #rrggbb; *_soft are grounds on which the colour of the same name is read."""

    ground: str
    surface: str
    sunken: str
    text: str
    muted: str
    line: str
    control: str
    accent: str
    on_accent: str
    accent_soft: str
    approve: str
    approve_soft: str
    refer: str
    refer_soft: str
    decline: str
    decline_soft: str

    def css(self) -> str:
        """Return the colours as CSS variables, such as --approve-soft."""
        return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in asdict(self).items())


LIGHT: Final = Palette(
    ground="#f6f4ef",
    surface="#ffffff",
    sunken="#efebe3",
    text="#1d2730",
    muted="#55616c",
    line="#dcd6ca",
    control="#7d8790",
    accent="#0b5563",
    on_accent="#ffffff",
    accent_soft="#e0eef0",
    approve="#005f99",
    approve_soft="#e1eff8",
    refer="#7c5200",
    refer_soft="#fbf0d9",
    decline="#9c2f14",
    decline_soft="#fbe9e3",
)
DARK: Final = Palette(
    ground="#11171c",
    surface="#192128",
    sunken="#222c35",
    text="#e9edf0",
    muted="#a8b4be",
    line="#33404b",
    control="#75838f",
    accent="#7fcbd6",
    on_accent="#08252b",
    accent_soft="#17353b",
    approve="#5bb8f0",
    approve_soft="#12324a",
    refer="#f0d264",
    refer_soft="#3a2d10",
    decline="#ff8a66",
    decline_soft="#46211a",
)
PALETTES: Final[dict[Theme, Palette]] = {"light": LIGHT, "dark": DARK}


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
