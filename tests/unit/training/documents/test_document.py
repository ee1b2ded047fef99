"""Documents: tables, escaping, figures."""

from training.documents.document import Plot, Section, Table, markdown_table, to_html, to_markdown


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
    """Markdown names the plot's file."""
    assert "![cap](fig.png)" in to_markdown("t", [Section("s", "", [Plot("fig", "cap", b"")])])


def test_figures_can_be_left_out() -> None:
    """Where nothing but the text is kept, a reference to a picture would lead nowhere."""
    told = to_markdown("t", [Section("s", "", [Plot("fig", "cap", b""), Table(["h"], [["x"]])])], figures=False)
    assert "fig.png" not in told
    assert "| x |" in told
