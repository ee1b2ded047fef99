"""Both languages say all of it, and the bank's words lie over ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from credit.errors import SettingsError
from credit.features import CATALOG
from credit.features.actionable import MOVES
from ledger.notices.files import NoticeFiles
from ledger.notices.settings import NoticeSettings
from ledger.notices.words import NoticeWords


def keys(words: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in words.items():
        found |= keys(value, f"{above}{key}.") if isinstance(value, dict) else {above + key}
    return found


def test_both_languages_have_the_same_entries() -> None:
    """What English says, French says, and every subject has French sentences of its own."""
    english, french = NoticeFiles().words("en"), NoticeFiles().words("fr")
    assert NoticeFiles().languages() == ("en", "fr")
    subjects = {f"subjects.{code}.{text}" for code in CATALOG.subjects for text in ("title", "adverse", "favourable")}
    assert keys(french) - keys(english) == subjects
    assert keys(english) <= keys(french)
    told = NoticeWords("fr", NoticeFiles(), NoticeSettings())
    for code, subject in CATALOG.subjects.items():
        translated = told.subject(code)
        assert translated is not None
        assert translated.adverse != subject.adverse
        assert translated.protected == subject.protected


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_move_has_words(language: str) -> None:
    """Nothing that the search may find is without a sentence."""
    changes = NoticeFiles().words(language)["changes"]
    assert {move.name for move in MOVES} <= set(changes)


def test_english_reasons_are_the_catalogs_own() -> None:
    """One place has the sentences of the reasons; English adds none."""
    english = NoticeWords("en", NoticeFiles(), NoticeSettings())
    assert english.subject("R05") == CATALOG.subjects["R05"]
    assert english.subject("R99") is None


def test_figures_and_days_are_written_as_the_language_does() -> None:
    """Separators, sign of the currency and names of months follow the language; the day follows the zone."""
    settings = NoticeSettings(currency="EUR", time_zone="Asia/Tokyo")
    english, french = (NoticeWords(language, NoticeFiles(), settings) for language in ("en", "fr"))
    assert english.amount(1_293_502.4) == "€1,293,502"
    assert french.amount(1_293_502.4).replace("\u202f", " ").replace("\xa0", " ") == "1 293 502 €"
    assert NoticeWords("en", NoticeFiles(), NoticeSettings()).amount(35_698.6) == "35,699"
    late = 1_764_190_000_000  # 20:46 UTC on 26 November 2025
    assert english.day(late) == "27 November 2025"
    assert french.day(late) == "27 novembre 2025"


def test_the_banks_words_lie_over_ours(tmp_path: Path) -> None:
    """A file of the bank replaces the entries that it names, and no others; a new language is a new file."""
    (tmp_path / "en.toml").write_text('[adverse]\nsubject = "No, thank you"\n[subjects.R05]\nadverse = "Too new."\n')
    files = NoticeFiles(tmp_path)
    words = NoticeWords("en", files, NoticeSettings())
    assert words.of("adverse", "subject") == "No, thank you"
    assert words.of("changes", "title") == "What would have changed the outcome"
    subject = words.subject("R05")
    assert subject is not None
    assert (subject.adverse, subject.title) == ("Too new.", CATALOG.subjects["R05"].title)
    (tmp_path / "de.toml").write_text('locale = "de_DE"\n')
    assert files.languages() == ("de", "en", "fr")


def test_what_is_broken_is_named(tmp_path: Path) -> None:
    """A language without words, no folder, unreadable or unfillable words, an unknown zone: one line each."""
    with pytest.raises(SettingsError, match=r"write it\.toml"):
        NoticeWords("it", NoticeFiles(), NoticeSettings())
    with pytest.raises(SettingsError, match="no folder"):
        NoticeFiles(tmp_path / "none").words("en")
    with pytest.raises(SettingsError, match="Mars"):
        NoticeWords("en", NoticeFiles(), NoticeSettings(time_zone="Mars/Olympus"))
    with pytest.raises(SettingsError, match=r"en\.toml has no changes\.sing"):
        NoticeWords("en", NoticeFiles(), NoticeSettings()).of("changes", "sing")
    (tmp_path / "en.toml").write_text('[rights]\ncontest = "within {weeks} weeks"\n')
    with pytest.raises(SettingsError, match=r"rights\.contest"):
        NoticeWords("en", NoticeFiles(tmp_path), NoticeSettings()).of("rights", "contest", days="3")
    (tmp_path / "en.toml").write_text("[rights\n")
    with pytest.raises(SettingsError, match=r"en\.toml cannot be read"):
        NoticeFiles(tmp_path).words("en")
