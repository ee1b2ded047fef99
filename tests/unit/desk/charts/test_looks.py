"""Colours that carry meaning are seen on their paper and stay apart for eyes without one kind of cone."""

from itertools import combinations

import numpy as np
import pytest

from desk.charts.looks import DARK, LIGHT, Look, Mark, look_of
from desk.looks.palette import contrast

# Machado, Oliveira and Fernandes 2009, full severity, on linear RGB.
EYES = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}
BOTH = pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])


def _seen_as(colour: str, eye: str) -> np.ndarray:
    """CIE Lab of a colour as an eye sees it."""
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(EYES[eye]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    x, y, z = np.cbrt(xyz / np.array([0.9505, 1, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _marks(look: Look) -> dict[str, Mark]:
    return {name: getattr(look, name) for name in ("approve", "refer", "decline", "plain", "similar", "other")}


@BOTH
def test_each_mark_has_three_to_one_on_both_grounds(look: Look) -> None:
    """WCAG 2.2, 1.4.11: what is needed to understand a figure stands out from its surroundings."""
    for name, mark in _marks(look).items():
        for paper in (look.palette.surface, look.palette.ground):
            assert contrast(mark.colour, paper) >= 3, name


@BOTH
@pytest.mark.parametrize("eye", EYES)
def test_outcomes_stay_apart_for_every_eye(look: Look, eye: str) -> None:
    """Any two outcomes differ by far more than the least difference that is seen (about 2)."""
    for one, other in combinations((look.approve, look.refer, look.decline), 2):
        apart = np.linalg.norm(_seen_as(one.colour, eye) - _seen_as(other.colour, eye))
        assert apart > 15, (one, other)


@BOTH
def test_outcomes_differ_without_their_colour_too(look: Look) -> None:
    """Pattern, dash, symbol and sign: each tells the three apart alone."""
    for kind in ("pattern", "dash", "symbol", "sign"):
        assert len({getattr(look.outcome(outcome), kind) for outcome in ("approve", "refer", "decline")}) == 3, kind


@BOTH
def test_the_template_writes_in_the_inks_of_the_palette(look: Look) -> None:
    """Words in a figure have the contrast that the palette promises."""
    layout = look.template.layout
    assert layout.font.color == look.palette.text
    assert {layout.xaxis.tickfont.color, layout.yaxis.title.font.color} == {look.palette.muted}


def test_an_unsaid_theme_is_light() -> None:
    assert (look_of(None), look_of("light"), look_of("dark")) == (LIGHT, LIGHT, DARK)
