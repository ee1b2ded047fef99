"""Numbers, amounts and times in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desk.words import _, ago, amount, day, decimal, file_size, moment, n_, number, percent, points, speak, years
from desk.words.formats import set_house
from desk.words.language import current_language, language_of


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    speak("en")
    yield
    speak("en")
    set_house(None, "UTC")


def plain(text: str) -> str:
    """Typographic spaces as spaces."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_english() -> None:
    """English puts commas between thousands and a point before decimals."""
    assert (number(1234567.4), decimal(0.12345, 3), percent(0.0312)) == ("1,234,567", "0.123", "3.1%")
    assert (number(2.5, 2), number(None), points(-0.012), years(1.0)) == ("2.50", "–", "−1.2 points", "1 year")


def test_french() -> None:
    """French puts spaces between thousands, a comma before decimals, and a space before the sign of percent."""
    speak("fr")
    assert plain(number(1234567.4)) == "1 234 567"
    assert (decimal(0.12345, 3), plain(percent(0.0312)), years(2.5)) == ("0,123", "3,1 %", "2,5 ans")
    assert plain(file_size(2_500_000)) == "2,5 Mo"
    assert ago(120).startswith("il y a")


def test_amounts_have_the_currency_of_the_house() -> None:
    """Without a currency an amount is a number."""
    assert amount(25_000.4) == "25,000"
    set_house("EUR", "UTC")
    assert amount(25_000.4) == "€25,000"
    speak("fr")
    assert plain(amount(25_000.4)) == "25 000 €"


def test_times_are_those_of_the_house() -> None:
    """A moment is told in the bank's zone."""
    assert moment(0) == "1 Jan 1970, 00:00:00"
    set_house(None, "Europe/Paris")
    assert moment(0) == "1 Jan 1970, 01:00:00"
    speak("fr")
    assert day(0) == "1 janvier 1970"


def test_texts_follow_the_language() -> None:
    """Texts and plurals are the catalog's; what is not in it stays English."""
    speak("fr")
    assert _("Outcome") == "Décision"
    assert n_("{count} client", "{count} clients", 2).format(count=2) == "2 clients"
    assert _("no such text anywhere") == "no such text anywhere"
    assert _("") == ""


@pytest.mark.parametrize(
    ("wanted", "spoken"), [("fr-CA", "fr"), ("fr", "fr"), ("en_US", "en"), ("de", "en"), (None, "en"), ("", "en")]
)
def test_a_browsers_language_is_understood(wanted: str | None, spoken: str) -> None:
    """Regions are passed over; what is not spoken gives the fallback."""
    assert language_of(wanted, "en") == spoken
    assert current_language() == "en"
