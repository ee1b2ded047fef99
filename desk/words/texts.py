"""Texts by gettext; catalogs are read once, straight from their .po files."""

from __future__ import annotations

import io
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Final

from desk.words.language import Language, current_language

LOCALE: Final = Path(__file__).parent / "locale"


def _(text: str) -> str:
    """Return a text in the language spoken now."""
    return translations(current_language()).gettext(text) if text else ""


def n_(one: str, many: str, count: int) -> str:
    """Return one of two texts by a count; put the count in by `.format(count=number(count))`."""
    return translations(current_language()).ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text of a table, which is looked up with `_` where it is shown."""
    return text


@lru_cache(maxsize=4)
def translations(language: Language) -> GNUTranslations:
    """Return a language's catalog."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with catalog_file(language).open("rb") as source:
        catalog = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalog_file(language: Language) -> Path:
    """Return the file of a language's catalog."""
    return LOCALE / language / "LC_MESSAGES" / "desk.po"
