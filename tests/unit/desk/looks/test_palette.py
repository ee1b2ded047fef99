"""Colours that can be read: WCAG 2.2 AA, counted."""

from __future__ import annotations

import pytest

from desk.looks.palette import DARK, LIGHT, Palette, contrast

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_the_standards() -> None:
    """Black on white is 21, a colour on itself 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b5563", "#0b5563") == 1


@PALETTES
def test_texts_can_be_read(palette: Palette) -> None:
    """Texts have 4.5 to 1 on every ground that they stand on."""
    for ground in (palette.ground, palette.surface, palette.sunken):
        assert contrast(palette.text, ground) > 7
        assert contrast(palette.muted, ground) >= 4.5
    for colour, soft in (
        (palette.approve, palette.approve_soft),
        (palette.refer, palette.refer_soft),
        (palette.decline, palette.decline_soft),
        (palette.accent, palette.accent_soft),
        (palette.on_accent, palette.accent),
        (palette.muted, palette.approve_soft),
        (palette.muted, palette.refer_soft),
        (palette.muted, palette.decline_soft),
    ):
        assert contrast(colour, soft) >= 4.5, (colour, soft)


@PALETTES
def test_controls_can_be_seen(palette: Palette) -> None:
    """Borders of controls and marks of outcomes have 3 to 1 on cards."""
    for colour in (palette.control, palette.accent, palette.approve, palette.refer, palette.decline):
        assert contrast(colour, palette.surface) >= 3
    assert contrast(palette.control, palette.ground) >= 3
