"""Names of the portfolio's themes and of their bands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from desk.client.portfolio import BandRecord
from desk.words import N_, _, amount, number
from desk.words.categories import category_word

# Name, question, and what the bands are counted in.
THEMES: Final[dict[str, tuple[str, str]]] = {
    "age": (N_("Age"), N_("How do decisions and defaults differ by the age of the applicant?")),
    "income": (N_("Income"), N_("How do they differ by yearly income?")),
    "seniority": (N_("Seniority"), N_("How do they differ by years with the employer?")),
    "amount": (N_("Amount"), N_("How do they differ by the credit asked for?")),
    "family": (N_("Family"), N_("How do they differ by family status?")),
    "education": (N_("Education"), N_("How do they differ by education?")),
    "housing": (N_("Housing"), N_("How do they differ by housing?")),
    "history": (N_("Credit history"), N_("How do they differ by the number of earlier credits?")),
}
_MONEY: Final = ("income", "amount")
_UNITS: Final = {
    "age": N_("{span} years"),
    "seniority": N_("{span} years"),
    "history": N_("{span} earlier credits"),
}


def theme_name(theme: str) -> str:
    """Return a theme's name."""
    return _(THEMES[theme][0]) if theme in THEMES else theme


def theme_question(theme: str) -> str:
    """Return the question that a theme answers."""
    return _(THEMES[theme][1]) if theme in THEMES else ""


def band_word(theme: str, band: BandRecord) -> str:
    """Return a band's name: its span in the theme's unit, or a category's word."""
    if band.low is None:
        special = {"unknown": _("not known"), "not employed": _("no employer")}
        return special.get(band.band) or category_word(band.band)
    write = amount if theme in _MONEY else number
    if theme == "history" and band.high is not None and band.high - band.low == 1:
        span = number(band.low)
    elif band.high is None:
        span = _("{low} and more").format(low=write(band.low))
    elif band.low == 0 and theme in _MONEY:
        span = _("below {high}").format(high=write(band.high))
    else:
        span = _("{low} to {high}").format(low=write(band.low), high=write(band.high))
    return _(_UNITS[theme]).format(span=span) if theme in _UNITS else span


def band_words(theme: str, bands: Sequence[BandRecord]) -> Callable[[str], str]:
    """Return what names a band by its code, as findings have it."""
    names = {band.band: band_word(theme, band) for band in bands}
    return lambda code: names.get(code, code)
