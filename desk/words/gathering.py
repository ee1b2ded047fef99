"""Gathers the texts of the code into the catalogs: new ones come in empty, what nobody says any more goes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desk.words.language import LANGUAGES, Language
from desk.words.texts import catalog_file

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ROOM: Final = Path(__file__).parents[1]
_KEYWORDS: Final = {"_": None, "N_": None, "n_": (1, 2)}


def texts_in_code() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """Yield each text of the desk's code, with the file that says it."""
    from babel.messages.extract import extract_from_dir

    for name, _line, text, _comments, _context in extract_from_dir(
        ROOM, [("**.py", "python")], keywords=_KEYWORDS, callback=None
    ):
        yield text, name


def gathered(language: Language) -> str:
    """Return the text of a language's catalog file with exactly the texts of the code, sorted, translations kept."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    old, new = read_catalog(language), Catalog(locale=language, fuzzy=False)
    for text, _file in texts_in_code():
        known = old.get(text if isinstance(text, str) else text[0])
        new.add(text, known.string if known is not None and known.id == _as_id(text) else None)
    written = io.BytesIO()
    write_po(written, new, no_location=True, omit_header=True, sort_output=True, width=0)
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Plural-Forms: {new.plural_forms}\\n"'
    return f'{head}\n"Content-Type: text/plain; charset=utf-8\\n"\n\n{written.getvalue().decode()}'.rstrip("\n") + "\n"


def missing(language: Language) -> list[str]:
    """Return the texts that a language's catalog does not have, or has empty; English needs none of its own."""
    catalog = read_catalog(language)
    found = []
    for text, file in texts_in_code():
        entry = catalog.get(text if isinstance(text, str) else text[0])
        said = None if entry is None else entry.string
        strings = (said,) if isinstance(said, str) else tuple(said or ())
        if entry is None or (language != "en" and not (strings and all(strings))):
            found.append(f"{file}: {text if isinstance(text, str) else text[0]}")
    return found


def catalog_texts() -> dict[Path, str]:
    """Return every catalog file as it should be."""
    return {catalog_file(language): gathered(language) for language in LANGUAGES}


def read_catalog(language: Language) -> Catalog:
    """Return a language's catalog, empty where there is no file."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = catalog_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def _as_id(text: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return text if isinstance(text, str) else tuple(text)
