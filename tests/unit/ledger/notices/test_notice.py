"""Letters as files: HTML and PDF in both languages."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from credit.errors import SettingsError
from credit.features import CATALOG
from ledger.notices.notice import NoticeFormat, write_notice
from tests.fixtures.notices import BANK, facts

HOSTILE = '</address><script>alert(1)</script> #panic("x") {{ 7*7 }} $x$ "'


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("outcome", ["decline", "refer", "approve"])
@pytest.mark.parametrize("form", ["html", "pdf"])
def test_every_letter_can_be_written(language: str, outcome: str, form: NoticeFormat) -> None:
    """Each outcome, language and form gives a file of its kind, named without anything personal."""
    notice = write_notice(facts(outcome=outcome), language, form, BANK)
    assert notice.content.startswith(b"%PDF-" if form == "pdf" else b"<!doctype html>")
    assert (
        notice.file_name
        == f"{'adverse' if outcome == 'decline' else 'general'}-{facts().decision_id}-{language}.{form}"
    )
    assert len(notice.content) > 4000


def test_the_html_says_it_all_in_its_language() -> None:
    """Language, subject, reasons, change and rights stand in the page; it fetches nothing."""
    page = unescape(write_notice(facts(), "fr", "html", BANK).content.decode())
    assert '<html lang="fr">' in page
    for text in (
        "Les motifs principaux",
        "au lieu de",
        "Votre droit de contester",
        "26 novembre 2025",
        "Claire Martin",
    ):
        assert text in page
    assert not re.search(r"(src|href)=|url\(|@import", page)


def test_what_an_applicant_wrote_is_never_markup() -> None:
    """A name that looks like HTML, a template or typst's code is set as it is."""
    hostile = facts(applicant=(HOSTILE,), application_id="A-1")
    page = write_notice(hostile, "en", "html", BANK).content.decode()
    assert "<script>" not in page
    assert "{{ 7*7 }}" in unescape(page)
    assert write_notice(hostile, "en", "pdf", BANK).content.startswith(b"%PDF-")


def test_the_same_letter_is_the_same_file() -> None:
    """Nothing in a letter depends on when it is written."""
    assert write_notice(facts(), "en", "pdf", BANK).content == write_notice(facts(), "en", "pdf", BANK).content


def test_the_pdf_is_tagged_and_names_its_language() -> None:
    """A reader that speaks can read it: structure, title and language are in the file."""
    content = write_notice(facts(), "fr", "pdf", BANK).content
    assert b"/Lang" in content
    assert b"/StructTreeRoot" in content
    assert b"pdfuaid:part" in content


def test_the_banks_templates_replace_ours(tmp_path: Path) -> None:
    """One file in the bank's folder is enough; what it does not have comes from us."""
    (tmp_path / "adverse.html").write_text('{% extends "letter.html" %}{% block data %}<p>Our way.</p>{% endblock %}')
    (tmp_path / "letter.css").write_text("body { color: teal }")
    (tmp_path / "adverse.typ").write_text('#import "letter.typ": letter\n#set document(title: "x")\nOurs\n')
    settings = BANK.model_copy(update={"templates": tmp_path})
    page = write_notice(facts(), "en", "html", settings).content.decode()
    assert "Our way." in page
    assert "teal" in page
    assert CATALOG.subjects["R01"].adverse in page
    assert "Our way." not in write_notice(facts(outcome="refer"), "en", "html", settings).content.decode()
    changed = write_notice(facts(), "en", "pdf", settings).content
    assert changed.startswith(b"%PDF-")
    assert changed != write_notice(facts(), "en", "pdf", BANK).content


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("adverse.html", "{{ nobody.knows }}", "html"),
        ("adverse.html", "{% if %}", "html"),
        ("adverse.typ", "#nobody", "pdf"),
    ],
)
def test_a_broken_template_is_named(tmp_path: Path, name: str, text: str, form: NoticeFormat) -> None:
    """The error says which file fails."""
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=name):
        write_notice(facts(), "en", form, BANK.model_copy(update={"templates": tmp_path}))
