"""The training report: which of its sections are made."""

from pathlib import Path

import pytest

from credit.errors import SettingsError
from tests.unit.training.quick import QUICK
from training.documents.page import BEGIN, END, split_sections
from training.documents.report import chosen_sections, write_report
from training.documents.sections import SECTIONS


def test_an_unknown_section_is_one_line_that_lists_them(tmp_path: Path) -> None:
    """Told before a table is looked for, and nothing is written."""
    with pytest.raises(SettingsError) as error:
        write_report(tmp_path / "nowhere", tmp_path / "page.md", only="seeds,sneeds")
    assert "'sneeds'" in str(error.value)
    assert "\n" not in str(error.value)
    assert all(name in str(error.value) for name in SECTIONS)
    assert not (tmp_path / "page.md").exists()


def test_sections_are_made_in_the_page_s_order() -> None:
    """Whatever the order and the blanks they are asked for with; all of them where nothing is said, none never."""
    assert chosen_sections(" fairness, champion,") == ("champion", "fairness")
    assert chosen_sections(None) == tuple(SECTIONS)
    with pytest.raises(SettingsError, match="names no section"):
        chosen_sections(" , ")


def test_only_the_sections_asked_for_are_written(tables: Path, tmp_path: Path) -> None:
    """The champion is measured anew on these tables, says so, and what stood beside it stays."""
    page = tmp_path / "training.md"
    page.write_text(f"# Mine\n\n{BEGIN}\n\nintro\n\n### The champion\n\nold\n\n### Tuning\n\nkept\n\n{END}\n")
    settings = QUICK.model_copy(update={"trees": 3, "select": False})
    write_report(tables, page, settings=settings, only="champion")
    intro, sections = split_sections(page.read_text().partition(BEGIN)[2].partition(END)[0])
    assert (intro, list(sections), sections["Tuning"]) == ("intro", ["The champion", "Tuning"], "kept")
    assert "| AUC |" in sections["The champion"]
    assert "made anew by `--only champion`, on 5" in sections["The champion"]
