"""Numbers, amounts and times as the language spoken now writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from desk.words.language import current_language
from desk.words.texts import _, n_

NOTHING = "–"
_LOCALES = {"en": "en_GB", "fr": "fr_FR"}


@dataclass
class _House:
    """The bank's currency and time zone: one for the process, set at its start."""

    currency: str | None = None
    zone: ZoneInfo | None = None


_house = _House()


def set_house(currency: str | None, time_zone: str) -> None:
    """Set the currency and the zone in which all sessions are told amounts and times."""
    _house.currency, _house.zone = currency, ZoneInfo(time_zone)


def locale() -> str:
    """Return the locale of the language spoken now."""
    return _LOCALES[current_language()]


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with its thousands apart and exactly so many digits after the point; a dash for None."""
    if value is None:
        return NOTHING
    return format_decimal(value, format="#,##0" + ("." + "0" * digits if digits else ""), locale=locale())


def decimal(value: float | None, digits: int = 2) -> str:
    """Return a number with at most so many digits after the point; a dash for None."""
    if value is None:
        return NOTHING
    return format_decimal(value, format="#,##0." + "#" * digits if digits else "#,##0", locale=locale())


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share of one as a percentage; a dash for None."""
    if share is None:
        return NOTHING
    return format_percent(share, format="#,##0" + ("." + "0" * digits if digits else "") + _sign(), locale=locale())


def points(share: float, digits: int = 1) -> str:
    """Return a difference of two shares in percentage points, with its sign."""
    sign = "+" if share > 0 else "−" if share < 0 else "±"
    return _("{number} points").format(number=sign + decimal(abs(share) * 100, digits))


def amount(value: float | None) -> str:
    """Return an amount of money without its cents; a dash for None."""
    if value is None:
        return NOTHING
    if _house.currency is None:
        return number(value)
    form = "¤#,##0" if current_language() == "en" else "#,##0 ¤"
    return format_currency(round(value), _house.currency, format=form, locale=locale(), currency_digits=False)


def years(value: float) -> str:
    """Return a length of time in years."""
    return n_("{count} year", "{count} years", 1 if round(value, 1) == 1 else 2).format(count=decimal(value, 1))


def day(at_ms: int) -> str:
    """Return the day of a time in milliseconds since the epoch."""
    return format_date(local_time(at_ms), format="long", locale=locale())


def moment(at_ms: int) -> str:
    """Return day and time of a time in milliseconds since the epoch."""
    return format_datetime(local_time(at_ms), format="d MMM y, HH:mm:ss", locale=locale())


def short_moment(at_ms: int) -> str:
    """Return the time alone where it is today, the day with it else."""
    local = local_time(at_ms)
    same_day = local.date() == datetime.now(local.tzinfo).date()
    return format_datetime(local, format="HH:mm:ss" if same_day else "d MMM, HH:mm", locale=locale())


def ago(seconds: float) -> str:
    """Return how long ago something was."""
    return format_timedelta(timedelta(seconds=-max(1, round(seconds))), add_direction=True, locale=locale())


def until(seconds: float) -> str:
    """Return in how long something will be."""
    return format_timedelta(timedelta(seconds=max(1, round(seconds))), add_direction=True, locale=locale())


def file_size(size: int) -> str:
    """Return the size of a file."""
    if size < 1_000_000:
        return _("{size} kB").format(size=number(max(1, size / 1000)))
    return _("{size} MB").format(size=decimal(size / 1_000_000, 1))


def local_time(at_ms: int) -> datetime:
    """Return a time in milliseconds since the epoch on the clock of the bank."""
    return datetime.fromtimestamp(at_ms / 1000, tz=_house.zone or UTC)


def _sign() -> str:
    return "%" if current_language() == "en" else "\u00a0%"
