"""What a feature means, in the language spoken now.

The API tells it in English. Features of the client's history are made of parts (an aggregate of a value over rows), so
their meanings are translated part by part; all others as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from desk.words.feature_texts import BUILDING_ENDS, BUILDING_TEXTS, SINGLE_TEXTS
from desk.words.history_texts import AGGREGATES, RELATIONS, SUBSETS, VALUES
from desk.words.language import Language, current_language
from desk.words.texts import _

_DOCUMENT = re.compile(r"Document (\d+) supplied")


def feature_words(description: str) -> str:
    """Return a meaning in words; as the API gives it where it is not known here."""
    return description if current_language() == "en" else _words(description, current_language())


@lru_cache(maxsize=4096)
def _words(description: str, _language: Language) -> str:
    if description in SINGLE_TEXTS:
        return _(description)
    document = _DOCUMENT.fullmatch(description)
    if document:
        return _("Document {number} supplied").format(number=document[1])
    for end in BUILDING_ENDS:
        what = description.removesuffix(f", {end}")
        if what != description and what in BUILDING_TEXTS:
            return f"{_(what)}, {_(end)}"
    return _history(description.lower()) or description


def _history(text: str) -> str | None:
    aggregate = _longest_start(text, AGGREGATES)
    if aggregate is None:
        return None
    rest = text.removeprefix(aggregate).strip()
    for value in ("", *VALUES):
        over = rest if not value else rest.removeprefix(f"{value}, ") if rest.startswith(f"{value}, ") else None
        relation = None if over is None else _longest_start(over, RELATIONS)
        if over is None or relation is None:
            continue
        subset = over.removeprefix(relation).strip()
        if subset and subset not in SUBSETS:
            continue
        rows = f"{_(relation)} {_(subset)}".strip()
        if not value:
            return f"{_capital(_(aggregate))} : {rows}"
        return _("{aggregate}: {value} ({rows})").format(aggregate=_capital(_(aggregate)), value=_(value), rows=rows)
    return None


def _longest_start(text: str, starts: tuple[str, ...]) -> str | None:
    return max((start for start in starts if text.startswith(start)), key=len, default=None)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
