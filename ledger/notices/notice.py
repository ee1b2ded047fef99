"""One decision's letter in the asked form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ledger.notices.facts import NoticeFacts
from ledger.notices.files import NoticeFiles
from ledger.notices.html import html_letter
from ledger.notices.letter import write_letter
from ledger.notices.pdf import pdf_letter
from ledger.notices.settings import NoticeSettings
from ledger.notices.words import NoticeWords

NoticeFormat = Literal["html", "pdf"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A letter as it is sent: content, its media type, and a file's name without anything personal in it."""

    content: bytes
    media_type: str
    file_name: str


def write_notice(
    facts: NoticeFacts, language: str, form: NoticeFormat, settings: NoticeSettings | None = None
) -> Notice:
    """Return the letter about a decision; raises SettingsError for a language without words or a broken template."""
    settings = settings or NoticeSettings()
    files = NoticeFiles(settings.templates)
    letter = write_letter(facts, NoticeWords(language, files, settings), settings)
    name = f"{letter.kind}-{facts.decision_id}-{language}.{form}"
    if form == "html":
        return Notice(html_letter(letter, files).encode(), "text/html; charset=utf-8", name)
    return Notice(pdf_letter(letter, files, facts.decided_ms), "application/pdf", name)
