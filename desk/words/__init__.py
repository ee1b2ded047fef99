"""What the desk says: texts by gettext, numbers and days by the language's own rules.

`from desk.words import _`: the English text in the code is the key. Whoever adds one runs `make generate`, which
puts it into both catalogs, and writes the French into `locale/fr/LC_MESSAGES/desk.po`; a test finds what is missing.
"""

from desk.words.formats import (
    ago,
    amount,
    day,
    decimal,
    file_size,
    moment,
    number,
    percent,
    points,
    short_moment,
    until,
    years,
)
from desk.words.language import LANGUAGES, Language, current_language, speak
from desk.words.texts import N_, _, n_

__all__ = [
    "LANGUAGES",
    "N_",
    "Language",
    "_",
    "ago",
    "amount",
    "current_language",
    "day",
    "decimal",
    "file_size",
    "moment",
    "n_",
    "number",
    "percent",
    "points",
    "short_moment",
    "speak",
    "until",
    "years",
]
