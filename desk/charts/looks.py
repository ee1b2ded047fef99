"""How charts look, in light and dark: marks that stay apart for every eye, on the palette of the desk.

The marks' colours derive from Okabe and Ito's, moved until each has 3 to 1 on its paper (WCAG 2.2; a test counts). No
meaning is told by colour alone: each kind has a pattern, a dash and a symbol too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import plotly.graph_objects as go

from desk.looks.palette import DARK as DARK_PALETTE
from desk.looks.palette import LIGHT as LIGHT_PALETTE
from desk.looks.palette import Palette

# Without quotes, with which Plotly writes pictures that nothing can read.
FONT = "Source Sans, Segoe UI, DejaVu Sans, sans-serif"


@dataclass(frozen=True)
class Mark:
    """How one kind of thing is drawn: its colour and what tells it apart without the colour."""

    colour: str
    pattern: str = ""
    dash: str = "solid"
    symbol: str = "circle"
    sign: str = ""

    def bar(self, paper: str) -> dict[str, Any]:
        """Marker of a filled shape, with the pattern cut out in the paper's colour."""
        pattern = {"shape": self.pattern, "fgcolor": paper, "fillmode": "overlay", "size": 7, "solidity": 0.22}
        return {"color": self.colour, "line": {"width": 0}, "pattern": pattern}

    def line(self, width: float = 2.5) -> dict[str, Any]:
        return {"color": self.colour, "dash": self.dash, "width": width}

    def point(self, paper: str, size: float = 9) -> dict[str, Any]:
        return {"color": self.colour, "symbol": self.symbol, "size": size, "line": {"color": paper, "width": 1}}


@dataclass(frozen=True)
class Look:
    """The marks of one theme, on its palette."""

    palette: Palette
    approve: Mark
    refer: Mark
    decline: Mark
    plain: Mark
    similar: Mark
    other: Mark

    @property
    def paper(self) -> str:
        return self.palette.surface

    @property
    def ink(self) -> str:
        return self.palette.text

    @property
    def muted(self) -> str:
        return self.palette.muted

    @property
    def raises(self) -> Mark:
        """What pushes towards default."""
        return replace(self.decline, sign="▲")

    @property
    def lowers(self) -> Mark:
        """What pushes away from default."""
        return replace(self.approve, sign="▼")

    @property
    def client(self) -> Mark:
        """The client who is looked at, in the strongest ink there is."""
        return Mark(self.ink, symbol="diamond", sign="◆")

    def outcome(self, outcome: str) -> Mark:
        """The mark of `approve`, `refer` or `decline`; of anything else the plain one."""
        return {"approve": self.approve, "refer": self.refer, "decline": self.decline}.get(outcome, self.plain)

    @property
    def series(self) -> tuple[Mark, ...]:
        """Marks of series that stand side by side and mean no outcome."""
        return (self.approve, self.refer, self.similar, self.decline, self.other, self.plain)

    @cached_property
    def template(self) -> go.layout.Template:
        """The plotly template that every figure of this look has."""
        axis = {
            "gridcolor": self.palette.line,
            "gridwidth": 1,
            "zeroline": False,
            "linecolor": self.muted,
            "showline": False,
            "ticks": "",
            "tickfont": {"size": 13, "color": self.muted},
            "title": {"font": {"size": 13, "color": self.muted}, "standoff": 14},
            "automargin": True,
        }
        layout = {
            "font": {"family": FONT, "size": 14, "color": self.ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [mark.colour for mark in self.series],
            "margin": {"l": 8, "r": 24, "t": 28, "b": 44},
            "xaxis": axis,
            "yaxis": {**axis, "ticklabelstandoff": 8},
            "bargap": 0.38,
            "barcornerradius": 3,
            "hoverlabel": {
                "bgcolor": self.palette.sunken,
                "bordercolor": self.muted,
                "font": {"family": FONT, "size": 13, "color": self.ink},
            },
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
                "font": {"size": 13, "color": self.ink},
                "bgcolor": "rgba(0,0,0,0)",
                "itemsizing": "constant",
                "traceorder": "normal",
            },
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": self.muted, "activecolor": self.ink},
            "annotationdefaults": {"font": {"size": 13, "color": self.ink}, "showarrow": False},
            "hovermode": "closest",
            "dragmode": False,
        }
        return go.layout.Template(layout=layout)


LIGHT = Look(
    palette=LIGHT_PALETTE,
    approve=Mark(LIGHT_PALETTE.approve, sign="✓"),
    refer=Mark("#a87400", pattern=".", dash="dash", symbol="diamond", sign="?"),
    decline=Mark(LIGHT_PALETTE.decline, pattern="/", dash="dot", symbol="x", sign="✕"),
    plain=Mark("#7b8594", sign="●"),
    similar=Mark("#00785a", pattern="\\", dash="dashdot", symbol="square", sign="■"),
    other=Mark("#8a4f8f", pattern="x", dash="longdash", symbol="triangle-up", sign="▲"),
)
DARK = Look(
    palette=DARK_PALETTE,
    approve=replace(LIGHT.approve, colour=DARK_PALETTE.approve),
    refer=replace(LIGHT.refer, colour=DARK_PALETTE.refer),
    decline=replace(LIGHT.decline, colour="#f26a43"),
    plain=replace(LIGHT.plain, colour="#8792a0"),
    similar=replace(LIGHT.similar, colour="#3fc79a"),
    other=replace(LIGHT.other, colour="#dca0e0"),
)


def look_of(theme: str | None) -> Look:
    """Return the look of a theme's name; light where the browser has not said."""
    return DARK if theme == "dark" else LIGHT
