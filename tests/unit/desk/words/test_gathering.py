"""Every text of the desk stands in both catalogs, and no catalog has a text that nobody says."""

from __future__ import annotations

import ast
import re

import pytest

from desk.words.gathering import ROOM, gathered, missing, read_catalog, texts_in_code
from desk.words.language import LANGUAGES, Language
from desk.words.texts import catalog_file


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_no_text_is_missing(language: Language) -> None:
    """Each text is translated; run `make generate`, then fill in what it left empty."""
    assert len(list(texts_in_code())) > 30
    assert missing(language) == []


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_no_text_is_left_over(language: Language) -> None:
    """A catalog file holds exactly what the code says; run `make generate`."""
    assert catalog_file(language).read_text() == gathered(language)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_translations_fill_in_the_same_values(language: Language) -> None:
    """A translation names the placeholders of its text and no others, for a wrong one is an error when it is shown."""
    places = re.compile(r"\{(\w+)")
    for message in read_catalog(language):
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        strings = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        wanted = set(places.findall(ids[-1])) if ids[-1] else set()
        assert all(set(places.findall(text)) <= wanted for text in strings if text), ids
        assert not (all(strings) and ids[0]) or set(places.findall(strings[-1])) == wanted, ids


def test_no_text_hides_in_an_f_string() -> None:
    """A text inside an f-string is never gathered, so that nobody would miss its translation."""
    hidden = []
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                hidden += [f"{path.name}:{one.lineno}" for one in ast.walk(node) if _says(one)]
    assert hidden == []


def _says(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", "n_"}
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
    )
