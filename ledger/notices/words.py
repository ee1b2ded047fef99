"""The words of one language, and figures and days as that language writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from credit.errors import SettingsError
from credit.features import CATALOG
from credit.features.catalog import Subject
from ledger.notices.files import NoticeFiles
from ledger.notices.settings import NoticeSettings


class NoticeWords:
    """Words, amounts and days in one language; raises SettingsError for what the bank's files or settings spoil."""

    def __init__(self, language: str, files: NoticeFiles, settings: NoticeSettings) -> None:
        self.language, self._words, self._settings = language, files.words(language), settings
        try:
            self._locale = Locale.parse(self._words.get("locale", language))
        except (UnknownLocaleError, ValueError, TypeError) as error:
            raise SettingsError(f"{language}.toml: locale: {error}") from None
        try:
            self._zone = ZoneInfo(settings.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingsError(f"LOANSTREAM_NOTICE_TIME_ZONE: no zone is called {settings.time_zone}") from None

    def of(self, *keys: str, **values: str) -> str:
        """Return the words at a place such as ("changes", "intro"), with values for what they leave open."""
        found = self._at(keys)
        if not isinstance(found, str):
            raise SettingsError(f"{self.language}.toml: {'.'.join(keys)} must be a text")
        return self._filled(found, keys, values)

    def list_of(self, *keys: str, **values: str) -> list[str]:
        """Return a list of words."""
        found = self._at(keys)
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            raise SettingsError(f"{self.language}.toml: {'.'.join(keys)} must be a list of texts")
        return [self._filled(text, keys, values) for text in found]

    def subject(self, code: str) -> Subject | None:
        """Return a subject in this language: the file's words, the catalog's English else; None for unknown codes."""
        known = CATALOG.subjects.get(code)
        if known is None:
            return None
        own = self._words.get("subjects", {}).get(code, {})
        title, adverse, favourable = (
            str(own.get(key, getattr(known, key))) for key in ("title", "adverse", "favourable")
        )
        return Subject(code, title, adverse, favourable, known.protected)

    def amount(self, value: float) -> str:
        """Return an amount, without decimals."""
        if self._settings.currency is None:
            return format_decimal(round(value), "#,##0", locale=self._locale)
        pattern = self._locale.currency_formats["standard"].pattern.replace("0.00", "0")
        return format_currency(round(value), self._settings.currency, pattern, self._locale, currency_digits=False)

    def day(self, ms: int) -> str:
        """Return the day of a time, in milliseconds since the epoch."""
        at = datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)
        return format_date(at.date(), "long", locale=self._locale)

    def _at(self, keys: tuple[str, ...]) -> Any:
        found: Any = self._words
        for key in keys:
            if not isinstance(found, dict) or key not in found:
                raise SettingsError(f"{self.language}.toml has no {'.'.join(keys)}")
            found = found[key]
        return found

    def _filled(self, text: str, keys: tuple[str, ...], values: dict[str, str]) -> str:
        try:
            return text.format_map(values)
        except (KeyError, ValueError, IndexError) as error:
            raise SettingsError(f"{self.language}.toml: {'.'.join(keys)}: {error} cannot be filled in") from None
