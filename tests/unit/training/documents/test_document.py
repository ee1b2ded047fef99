"""Documents: tables, escaping, and the generated feature list."""

from pathlib import Path

from training.documents.document import Figure, Section, Table, markdown_table, to_html, to_markdown
from training.documents.features import features_document


def test_the_feature_document_is_that_of_the_code() -> None:
    """docs/features.md is written anew whenever a feature changes: `python -m training.documents.features`."""
    written = Path(__file__).parents[4] / "docs" / "features.md"
    assert written.read_text(encoding="utf-8") == features_document()


def test_texts_are_escaped_in_html() -> None:
    """A table's cell cannot become markup."""
    page = to_html("a < b", [Section("<s>", "x & y", [Table(["h"], [["<script>"]])])])
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "a &lt; b" in page


def test_numbers_are_written_to_be_compared() -> None:
    """Fractions have four decimals, counts separators, and what is missing a dash."""
    table = markdown_table(Table(["a", "b", "c", "d"], [["x|y", 0.123456, 12_345, float("nan")]]))
    assert table.splitlines()[-1] == "| x/y | 0.1235 | 12,345 | – |"


def test_figures_are_referred_to_by_name() -> None:
    """Markdown names the picture's file."""
    assert "![cap](fig.png)" in to_markdown("t", [Section("s", "", [Figure("fig", "cap", b"")])])
